import { Injectable } from '@nestjs/common';
import { CustomerErased, CustomerPreferencesChanged } from '@waybill/contracts';
import { Handles, on } from '@waybill/messaging';
import { templates } from '../domain/email.ts';
import { preferences } from '../storage/notification.entities.ts';

/** Keeps a copy of what customers chose, which every e-mail is checked against. */
@Injectable()
export class PreferencesConsumer {
  @Handles()
  change() {
    return on(CustomerPreferencesChanged, preferences, {
      group: 'notification.preferences',
      state: ({ customerId }) => customerId,
      decide: (_, { customerId, wantsEmail: email, mutedTemplates }) => ({
        changes: [
          preferences.put({
            customerId,
            email,
            // A newer release may have more of them.
            mutedTemplates: templates.filter((template) => mutedTemplates.includes(template)),
          }),
        ],
      }),
    });
  }

  /** An erased customer gets no e-mail about orders that are still under way, and what was chosen is forgotten. */
  @Handles()
  forget() {
    return on(CustomerErased, preferences, {
      group: 'notification.preferences',
      state: ({ customerId }) => customerId,
      decide: (_, { customerId }) => ({
        changes: [preferences.put({ customerId, email: false, mutedTemplates: [] })],
      }),
    });
  }
}
