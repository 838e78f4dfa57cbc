import { Injectable } from '@nestjs/common';
import { CustomerPreferencesChanged, CustomerRegistered } from '@waybill/contracts';
import { Handles, on } from '@waybill/messaging';
import { customerProfiles } from '../storage/pipeline.entities.ts';

/** Keeps what activities are enriched with. */
@Injectable()
export class ProfilesConsumer {
  @Handles()
  registered() {
    return on(CustomerRegistered, customerProfiles, {
      state: ({ customerId }) => customerId,
      decide: (found, { customerId, locale, at }) => ({
        changes: [
          customerProfiles.put({ customerId, locale: found?.locale ?? locale, registeredAt: at }),
        ],
      }),
    });
  }

  @Handles()
  preferencesChanged() {
    return on(CustomerPreferencesChanged, customerProfiles, {
      state: ({ customerId }) => customerId,
      decide: (found, { customerId, locale }) => ({
        changes: [
          customerProfiles.put({ customerId, locale, registeredAt: found?.registeredAt ?? null }),
        ],
      }),
    });
  }
}
