import { Injectable } from '@nestjs/common';
import { momentText } from '@waybill/contracts';
import { type Change, type DecideContext, type Decision, Handles, on } from '@waybill/messaging';
import { messagesOf } from '../domain/account.announcements.ts';
import { decide } from '../domain/account.decisions.ts';
import { AccountRefused, emailTaken } from '../domain/account.errors.ts';
import type { AccountEvent } from '../domain/account.events.ts';
import { type Account, fold } from '../domain/account.ts';
import { accounts, credentials, emailOwners } from '../storage/customer.entities.ts';
import { ChangeAccount, type ChangeAccountData, RegisterAccount } from './account.local.ts';

type Read = DecideContext<unknown>['read'];

/** Changes accounts; each decision answers with the account after it. */
@Injectable()
export class AccountConsumer {
  @Handles()
  register() {
    return on(RegisterAccount, accounts, {
      state: ({ customerId }) => customerId,
      also: ({ emailHash }) => (emailHash === null ? [] : [emailOwners.at(emailHash)]),
      decide: (found, { customerId, emailHash, passwordHash, ...data }, { now, read }) => {
        // Unknown commit outcome: the first delivery was committed, and the message was delivered again.
        if (found) return { answer: found };
        if (emailHash !== null) checkFree(emailHash, read);
        const changedAt = momentText(now);
        return append(undefined, customerId, [{ type: 'registered', data }], now, [
          ...(emailHash === null ? [] : [emailOwners.put({ emailHash, customerId })]),
          ...(passwordHash === null
            ? []
            : [credentials.put({ customerId, passwordHash, changedAt })]),
        ]);
      },
    });
  }

  @Handles()
  change() {
    return on(ChangeAccount, accounts, {
      state: ({ customerId }) => customerId,
      also: hashesOf,
      decide: (account, data, { now, read }) => {
        if (!account)
          throw new AccountRefused('not_found', `there is no customer ${data.customerId}`);
        const events = decide(account, data.change);
        return append(account, account.id, events, now, ownershipOf(account, data, read));
      },
    });
  }
}

const hashesOf = ({ emailHashes }: ChangeAccountData) =>
  [...new Set(emailHashes ? [emailHashes.before, emailHashes.after] : [])].flatMap((hash) =>
    hash === null ? [] : [emailOwners.at(hash)],
  );

function checkFree(emailHash: string, read: Read): void {
  if (read(emailOwners.at(emailHash))?.customerId) throw emailTaken();
}

/** The account gives its address back and takes the new one. */
function ownershipOf(
  { id, email }: Account,
  { emailHashes }: ChangeAccountData,
  read: Read,
): Change[] {
  if (!emailHashes) return [];
  const { before, after } = emailHashes;
  const isAsBefore =
    before === null ? email === null : read(emailOwners.at(before))?.customerId === id;
  if (!isAsBefore)
    throw new AccountRefused('changed_meanwhile', 'the e-mail address was changed meanwhile');
  // Another spelling of the same address has the same owner.
  if (before === after) return [];
  if (after !== null) checkFree(after, read);
  return [
    ...(before === null ? [] : [emailOwners.put({ emailHash: before, customerId: null })]),
    ...(after === null ? [] : [emailOwners.put({ emailHash: after, customerId: id })]),
  ];
}

function append(
  account: Account | undefined,
  id: string,
  events: readonly AccountEvent[],
  now: Date,
  changes: readonly Change[],
): Decision {
  if (events.length === 0) return { answer: account };
  const at = momentText(now);
  return {
    changes: [accounts.append(id, ...events), ...changes],
    send: events.flatMap((event) => messagesOf(id, event, at)),
    answer: fold(account, events, id, at),
  };
}
