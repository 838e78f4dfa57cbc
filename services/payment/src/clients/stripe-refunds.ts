import type Stripe from 'stripe';
import type { MoveRequest, RefundAnswer } from '../domain/provider.ts';
import { ProviderRejected } from './provider-errors.ts';
import { readDispute, readRefund, type StripeRefund } from './stripe-answer.ts';
import type { StripeRefusal } from './stripe-refusal.ts';

type Call = <T>(operation: string, request: () => Promise<T>) => Promise<T | StripeRefusal>;

/** An amount as Stripe counts it. */
interface Counted {
  readonly amount: number;
  readonly currency: string;
}

/** Refunds at Stripe, each once for its operation, also after Stripe has forgotten the key. */
export class StripeRefunds {
  constructor(
    private readonly stripe: Stripe,
    private readonly call: Call,
  ) {}

  async refund(request: MoveRequest, chargeId: string, counted: Counted): Promise<RefundAnswer> {
    const { operationId } = request;
    const before = await this.find(operationId, chargeId);
    const made = before ?? (await this.create(operationId, chargeId, counted.amount));
    if (!('status' in made)) return this.afterRefusal(made, request, chargeId, counted);
    if (made.amount !== counted.amount) {
      throw new ProviderRejected(operationId, 409, 'it was carried out with another amount');
    }
    if (made.status === 'failed' || made.status === 'canceled') {
      return refused(request, chargeId, made.failure_reason ?? made.status);
    }
    return refunded(request, chargeId);
  }

  private async afterRefusal(
    refusal: StripeRefusal,
    request: MoveRequest,
    chargeId: string,
    counted: Counted,
  ): Promise<RefundAnswer> {
    const { operationId } = request;
    const { isConflict, reason } = refusal;
    if (isConflict) throw refusal.rejection(operationId);
    const isConceded =
      reason === 'charge_disputed' && (await this.concede(operationId, chargeId, counted));
    return isConceded ? refunded(request, chargeId) : refused(request, chargeId, reason);
  }

  private async find(operation: string, chargeId: string): Promise<StripeRefund | undefined> {
    const list = await this.call(operation, () =>
      this.stripe.refunds.list({ payment_intent: chargeId, limit: 100 }),
    );
    if (!('data' in list)) return undefined;
    const found = list.data.find(({ metadata }) => metadata?.['operationId'] === operation);
    return found && readRefund(operation, found);
  }

  private async create(
    operation: string,
    chargeId: string,
    amount: number,
  ): Promise<StripeRefund | StripeRefusal> {
    const made = await this.call(operation, () =>
      this.stripe.refunds.create(
        { payment_intent: chargeId, amount, metadata: { operationId: operation } },
        { idempotencyKey: operation },
      ),
    );
    return 'object' in made ? readRefund(operation, made) : made;
  }

  /**
   * The customer's bank has taken a disputed amount already: conceding the dispute leaves it with the customer. The dispute
   * remembers which refund it stands for.
   */
  private async concede(operation: string, chargeId: string, counted: Counted): Promise<boolean> {
    const list = await this.call(operation, () =>
      this.stripe.disputes.list({ payment_intent: chargeId, limit: 1 }),
    );
    const [first] = 'data' in list ? list.data : [];
    if (!first) return false;
    const dispute = readDispute(operation, first);
    const concededBy = dispute.metadata['operationId'] ?? operation;
    if (concededBy !== operation || dispute.amount !== counted.amount) return false;
    await this.call(operation, () =>
      this.stripe.disputes.update(dispute.id, { metadata: { operationId: operation } }),
    );
    if (dispute.status === 'lost') return true;
    const closed = await this.call(operation, () => this.stripe.disputes.close(dispute.id));
    return 'object' in closed;
  }
}

const refunded = ({ amount }: MoveRequest, chargeId: string): RefundAnswer => ({
  status: 'refunded',
  ...amount,
  chargeId,
  reason: null,
});

const refused = ({ amount }: MoveRequest, chargeId: string, reason: string): RefundAnswer => ({
  status: 'refused',
  ...amount,
  amount: 0,
  chargeId,
  reason,
});
