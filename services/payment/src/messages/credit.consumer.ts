import { Injectable } from '@nestjs/common';
import { ReleaseCredit, ReserveCredit } from '@waybill/contracts';
import { type DecideContext, type Decision, Handles, on } from '@waybill/messaging';
import { storeAnswer, storedAnswerOf, storedAnswerRefs } from '@waybill/service';
import { changeCredit } from '../domain/credit-account.ts';
import { releaseCredit, reserveCredit } from '../domain/credit-reservation.ts';
import type { Outcome } from '../domain/payment.ts';
import { creditAccounts, creditPayments, ledgerEntries } from '../storage/payment.entities.ts';
import { ChangeCredit, type ChangedCredit } from './credit.local.ts';
import { creditView } from './credit.view.ts';
import { changesOf } from './decision.ts';

/** Reserves and releases store credit for orders, and takes what operators deposit and withdraw. */
@Injectable()
export class CreditConsumer {
  @Handles()
  reserve() {
    return on(ReserveCredit, creditPayments, {
      state: ({ orderId }) => orderId,
      also: ({ customerId }) => [creditAccounts.at(customerId)],
      decide: (payment, command, context) => {
        const account = context.read(creditAccounts.at(command.customerId));
        return decided(reserveCredit({ payment, account }, command, momentOf(context)));
      },
    });
  }

  @Handles()
  release() {
    return on(ReleaseCredit, creditPayments, {
      state: ({ orderId }) => orderId,
      also: ({ customerId }) => [creditAccounts.at(customerId)],
      decide: (payment, command, context) => {
        const account = context.read(creditAccounts.at(command.customerId));
        return decided(releaseCredit({ payment, account }, command, momentOf(context)));
      },
    });
  }

  @Handles()
  change() {
    return on(ChangeCredit, creditAccounts, {
      state: ({ customerId }) => customerId,
      also: ({ idempotency }) => storedAnswerRefs(idempotency),
      decide: (found, change, context) => {
        const stored = storedAnswerOf(change.idempotency, context);
        if (stored) return { answer: { kept: stored, replayed: true } satisfies ChangedCredit };
        const at = context.now.toISOString();
        const { account, entries } = changeCredit(found, change, { id: context.id('change'), at });
        const body = JSON.stringify(creditView(account, account.currency));
        const kept = { status: 200, location: '', body };
        return {
          changes: [
            creditAccounts.put(account),
            ...entries.map((entry) => ledgerEntries.entry(entry)),
            ...storeAnswer(change.idempotency, kept, at),
          ],
          answer: { kept, replayed: false } satisfies ChangedCredit,
        };
      },
    });
  }
}

const decided = (outcome: Outcome): Decision => ({
  changes: changesOf(outcome),
  send: outcome.send,
});

const momentOf = ({ now, id }: Pick<DecideContext<unknown>, 'now' | 'id'>) => ({
  at: now.toISOString(),
  paymentId: id('payment'),
});
