import { Injectable } from '@nestjs/common';
import { CustomerRegistered, momentText } from '@waybill/contracts';
import { Handles, on } from '@waybill/messaging';
import { AccountRefused } from '../domain/account.errors.ts';
import { accounts, credentials, emailOwners } from '../storage/customer.entities.ts';
import { RegisterAccount } from './account.local.ts';

/** Changes accounts. */
@Injectable()
export class AccountConsumer {
  @Handles()
  register() {
    return on(RegisterAccount, accounts, {
      state: ({ customerId }) => customerId,
      also: ({ emailHash }) => [emailOwners.at(emailHash)],
      decide: (found, { customerId, emailHash, passwordHash, ...data }, { now, read }) => {
        // Unknown commit outcome: the first delivery was committed, and the message was delivered again.
        if (found) return {};
        if (read(emailOwners.at(emailHash))?.customerId) {
          throw new AccountRefused('email_taken', 'there is an account with this e-mail address');
        }
        const at = momentText(now);
        return {
          changes: [
            accounts.append(customerId, { type: 'registered', data }),
            emailOwners.put({ emailHash, customerId }),
            credentials.put({ customerId, passwordHash, changedAt: at }),
          ],
          send: [CustomerRegistered({ customerId, locale: data.locale, at })],
        };
      },
    });
  }
}
