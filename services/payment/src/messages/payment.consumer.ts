import { Inject, Injectable } from '@nestjs/common';
import {
  AuthorizePayment,
  CapturePayment,
  type DataOf,
  RefundPayment,
  SettleVoid,
  VoidPayment,
} from '@waybill/contracts';
import { FieldCipher } from '@waybill/encryption';
import { type DecideContext, type Decision, Handles, on } from '@waybill/messaging';
import { CONFIG } from '@waybill/service';
import { authorize, giveUp, mustAuthorize } from '../domain/authorize.ts';
import { capture, cardPartOf, mustCapture } from '../domain/capture.ts';
import { settleChallenge } from '../domain/challenge.ts';
import * as operation from '../domain/operation.ts';
import { type Moment, moneyOf, type Outcome, type Payment } from '../domain/payment.ts';
import type {
  AuthorizationAnswer,
  ChargeRequest,
  PaymentProvider,
  VoidAnswer,
} from '../domain/provider.ts';
import { flagIdOf, isChallengeEvent, takeProviderEvent } from '../domain/provider-event.ts';
import { attemptAfter, mustRefund, partsOf, refund } from '../domain/refund.ts';
import { mayVoid, settleVoid, voidFlag, voidPayment } from '../domain/void.ts';
import type { PaymentConfig } from '../payment.config.ts';
import { PAYMENT_PROVIDER } from '../payment.tokens.ts';
import { paymentFlags, payments, providerEvents, refunds } from '../storage/payment.entities.ts';
import { creditRefs, paidWith } from './credit-states.ts';
import { decisionOf, momentOf } from './decision.ts';
import { SettleChallenge, TakeProviderEvent } from './payment.local.ts';

type Context = Pick<DecideContext<unknown>, 'now' | 'id'>;

/** Payment's handlers. External calls to the provider come first, outside any transaction; decisions are pure. */
@Injectable()
export class PaymentConsumer {
  constructor(
    @Inject(PAYMENT_PROVIDER) private readonly provider: PaymentProvider,
    @Inject(CONFIG) private readonly config: Pick<PaymentConfig, 'giveUpAfter' | 'actionWithin'>,
    private readonly cipher: FieldCipher,
  ) {}

  @Handles()
  authorize() {
    return on(AuthorizePayment, payments, {
      state: ({ orderId }) => orderId,
      giveUpAfter: this.config.giveUpAfter,
      call: async (payment, command) =>
        mustAuthorize(payment, command) ? this.authorizeAtProvider(command) : undefined,
      decide: (payment, command, context) =>
        this.decide(command.orderId, context, (moment) =>
          authorize(payment, command, context.answer, moment),
        ),
      onRetriesExhausted: (payment, command, context) =>
        this.decide(command.orderId, context, (moment) =>
          giveUp(payment, command, messageOf(context.error), moment),
        ),
    });
  }

  @Handles()
  void() {
    return on(VoidPayment, payments, {
      state: ({ orderId }) => orderId,
      also: ({ orderId }) => [paymentFlags.at(voidFlag(orderId))],
      call: async (payment, { orderId }) =>
        mayVoid(payment)
          ? // The undo of an order never waits for a provider: without a result, the void continues on its own.
            this.voidAtProvider(orderId, payment).catch(() => undefined)
          : undefined,
      decide: (payment, { orderId }, context) =>
        this.decide(orderId, context, (moment) =>
          voidPayment(payment, orderId, context.answer, moment, flagged(orderId, context)),
        ),
    });
  }

  @Handles()
  settleVoid() {
    return on(SettleVoid, payments, {
      state: ({ orderId }) => orderId,
      also: ({ orderId }) => [paymentFlags.at(voidFlag(orderId))],
      call: async (payment, { orderId }) =>
        payment?.status === 'void_pending' ? this.voidAtProvider(orderId, payment) : undefined,
      decide: (payment, { orderId }, context) =>
        this.decide(orderId, context, (moment) =>
          settleVoid(payment, orderId, context.answer, moment, flagged(orderId, context)),
        ),
    });
  }

  @Handles()
  capture() {
    return on(CapturePayment, payments, {
      state: ({ orderId }) => orderId,
      also: ({ orderId, credit }) => creditRefs(orderId, credit?.customerId),
      call: async (card, command, { read }) =>
        mustCapture(paidWith(card, command.orderId, command.credit?.customerId, read), command)
          ? this.provider.capture({
              operationId: operation.capture(command.orderId),
              ...chargeOf(command.orderId, card),
              amount: cardPartOf(command),
            })
          : undefined,
      decide: (card, command, context) =>
        this.decide(command.orderId, context, (moment) => {
          const { orderId, credit } = command;
          const paid = paidWith(card, orderId, credit?.customerId, context.read);
          return capture(paid, command, context.answer, moment);
        }),
    });
  }

  @Handles()
  refund() {
    const refOf = (command: { orderId: string; refundId: string }) =>
      refunds.at(operation.refund(command.orderId, command.refundId));
    return on(RefundPayment, payments, {
      state: ({ orderId }) => orderId,
      also: (command) => [refOf(command), ...creditRefs(command.orderId, command.customerId)],
      call: async (card, command, { read }) => {
        const { orderId, refundId, customerId, amount } = command;
        const before = read(refOf(command));
        const paid = paidWith(card, orderId, customerId, read);
        if (!mustRefund(paid, before, command)) return undefined;
        return this.provider.refund({
          operationId: operation.refund(orderId, refundId, attemptAfter(before)),
          ...chargeOf(orderId, card),
          amount: { ...amount, amount: partsOf(paid, command).card },
        });
      },
      decide: (card, command, context) =>
        this.decide(command.orderId, context, (moment) => {
          const paid = paidWith(card, command.orderId, command.customerId, context.read);
          return refund(paid, context.read(refOf(command)), command, context.answer, moment);
        }),
    });
  }

  @Handles()
  takeProviderEvent() {
    return on(TakeProviderEvent, payments, {
      state: ({ orderId }) => orderId,
      also: (event) => [providerEvents.at(event.eventId), paymentFlags.at(flagIdOf(event))],
      call: async (payment, { type }) =>
        isChallengeEvent(type) ? this.outcomeOfChallenge(payment) : undefined,
      decide: (payment, event, context) => {
        const before = context.read(providerEvents.at(event.eventId));
        const flagged = context.read(paymentFlags.at(flagIdOf(event)));
        const decision = this.decide(event.orderId, context, (moment) =>
          isChallengeEvent(event.type)
            ? settleChallenge(payment, context.answer, moment)
            : takeProviderEvent(payment, flagged, event, moment),
        );
        const changes = decision.changes ?? [];
        return { ...decision, changes: before ? changes : [...changes, providerEvents.put(event)] };
      },
    });
  }

  @Handles()
  settleChallenge() {
    return on(SettleChallenge, payments, {
      state: ({ orderId }) => orderId,
      call: (payment) => this.outcomeOfChallenge(payment),
      decide: (payment, { orderId }, context) =>
        this.decide(orderId, context, (moment) => settleChallenge(payment, context.answer, moment)),
    });
  }

  /** Without an answer the payment waits on, until its time is up. */
  private async outcomeOfChallenge(payment: Payment | undefined) {
    if (!payment?.challenge) return undefined;
    const amount = moneyOf(payment, payment.challenge.amount);
    const charge = chargeOf(payment.orderId, payment);
    return this.provider.findAuthorization({ ...charge, amount }).catch(() => undefined);
  }

  /** Without its token an order is declined, after any call that was made with the token before. */
  private async authorizeAtProvider(command: DataOf<typeof AuthorizePayment>) {
    const { orderId, amount } = command;
    const token = await this.cipher.decrypt(command.token);
    if (token === undefined) return erased(await this.voidAtProvider(orderId));
    const operationId = operation.authorization(orderId);
    return this.provider.authorize({ operationId, orderId, amount, token });
  }

  private voidAtProvider(orderId: string, payment?: Payment) {
    return this.provider.void(chargeOf(orderId, payment));
  }

  private decide(
    orderId: string,
    context: Context,
    outcome: (moment: Moment) => Outcome,
  ): Decision {
    const moment = momentOf(context, this.provider.name, this.config.actionWithin);
    return decisionOf(orderId, outcome(moment), moment, context.id('provider-call'));
  }
}

const chargeOf = (orderId: string, payment: Payment | undefined): ChargeRequest => ({
  authorization: operation.authorization(orderId),
  chargeId: payment?.chargeId ?? null,
});

const flagged = (orderId: string, { read }: Pick<DecideContext<unknown>, 'read'>) =>
  read(paymentFlags.at(voidFlag(orderId)));

const erased = ({ chargeId }: VoidAnswer): AuthorizationAnswer => ({
  status: 'declined',
  amount: 0,
  currency: null,
  chargeId,
  reason: 'erased',
});

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
