import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import {
  CustomerErased,
  CustomerPreferencesChanged,
  CustomerRegistered,
  type DataOf,
} from '@waybill/contracts';
import { Handles, on } from '@waybill/messaging';
import { CONFIG } from '@waybill/service';
import { defaultPreferences, deliver, type Subject } from '../domain/delivery.ts';
import { templates } from '../domain/email.ts';
import type { NotificationConfig } from '../notification.config.ts';
import { deliveries, preferences } from '../storage/notification.entities.ts';
import { notified } from './notified.ts';

const group = 'notification.preferences';

/** Keeps a copy of what customers chose, which every e-mail is checked against, and welcomes them. */
@Injectable()
export class PreferencesConsumer {
  constructor(@Inject(CONFIG) private readonly config: Pick<NotificationConfig, 'smtpUrl'>) {}

  @Handles()
  welcome() {
    return on(CustomerRegistered, preferences, {
      group,
      state: ({ customerId }) => customerId,
      also: ({ customerId }) => [deliveries.at(welcomeId(customerId))],
      decide: (found, registered, context) => {
        const { customerId, locale, email } = registered;
        const known = found ?? { ...defaultPreferences(customerId), locale };
        const changes = found ? [] : [preferences.put(known)];
        const delivery = deliveries.at(welcomeId(customerId));
        if (!email || context.read(delivery)) return { changes };
        const given = {
          preferences: known,
          now: context.now,
          sends: this.config.smtpUrl !== null,
        };
        const welcome = deliver(welcomeOf(registered), { id: customerId, email }, given);
        const decision = notified(welcome, { ...context, ...given, priority: 'normal' });
        return { ...decision, changes: [...changes, ...decision.changes] };
      },
    });
  }

  @Handles()
  change() {
    return on(CustomerPreferencesChanged, preferences, {
      group,
      state: ({ customerId }) => customerId,
      decide: (_, { customerId, wantsEmail: email, mutedTemplates, locale, digest = 'none' }) => ({
        changes: [
          preferences.put({
            customerId,
            email,
            // A newer release may have more of them.
            mutedTemplates: templates.filter((template) => mutedTemplates.includes(template)),
            locale,
            digest,
          }),
        ],
      }),
    });
  }

  /** An erased customer gets no e-mail about orders that are still under way, and what was chosen is forgotten. */
  @Handles()
  forget() {
    return on(CustomerErased, preferences, {
      group,
      state: ({ customerId }) => customerId,
      decide: (_, { customerId }) => ({
        changes: [preferences.put({ ...defaultPreferences(customerId), email: false })],
      }),
    });
  }
}

/** An issuer may choose any text as the id of a customer, which has no place in an address. */
const welcomeId = (customerId: string): string =>
  `${createHash('sha256').update(customerId).digest('hex').slice(0, 32)}/welcome`;

const welcomeOf = ({ customerId, name = '' }: DataOf<typeof CustomerRegistered>): Subject => ({
  id: welcomeId(customerId),
  orderId: null,
  template: 'welcome',
  news: { number: '', customerName: name, lines: [], total: null, reason: null },
});
