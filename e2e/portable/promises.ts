import type { Client, Money } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';

interface Amount {
  readonly amount: Money;
}

interface PaymentView {
  readonly authorized: Money | null;
  readonly captured: Money | null;
  readonly refunded: Money | null;
  readonly ledger: readonly (Amount & { readonly account: string })[];
  readonly providerCalls: readonly { readonly operationId: string; readonly kind: string }[];
}

export interface SagaView {
  readonly id: string;
  readonly state: string;
  readonly step: string;
  readonly allowed: readonly string[];
  readonly log: readonly { readonly step: string | null; readonly what: string }[];
}

/** What the payment of an order and its ledger say. */
export interface MoneyOf {
  readonly authorized: number;
  readonly captured: number;
  readonly refunded: number;
  /** The sum of all entries: zero, always. */
  readonly sum: number;
  /** The accounts that are not even, but for the customer's. */
  readonly left: readonly string[];
  /** What was asked of the provider more than once with an effect of its own. */
  readonly twice: readonly string[];
}

/** The money of an order, as operators see it. */
export async function moneyOf(operator: Client, orderId: string): Promise<MoneyOf> {
  const { status, body, bytes } = await operator.get<PaymentView>(`/api/v1/payments/${orderId}`);
  if (status !== 200) throw new Error(`payment of ${orderId}: ${status} ${bytes.toString()}`);
  const sums = new Map<string, number>();
  for (const { account, amount } of body.ledger) {
    sums.set(account, (sums.get(account) ?? 0) + amount.amount);
  }
  const calls = body.providerCalls.map(({ operationId, kind }) => `${kind} ${operationId}`);
  return {
    authorized: body.authorized?.amount ?? 0,
    captured: body.captured?.amount ?? 0,
    refunded: body.refunded?.amount ?? 0,
    sum: [...sums.values()].reduce((sum, amount) => sum + amount, 0),
    left: [...sums].flatMap(([name, sum]) => (sum === 0 || name === 'customer' ? [] : [name])),
    twice: calls.filter((call, i) => calls.indexOf(call) < i),
  };
}

/** The saga of an order, as operators see it. */
export async function sagaOf(operator: Client, orderId: string): Promise<SagaView> {
  const { status, body, bytes } = await operator.get<SagaView>(`/api/v1/sagas/${orderId}`);
  if (status === 200) return body;
  throw new Error(`saga of ${orderId}: ${status} ${bytes.toString()}`);
}

/** As `sagaOf`, once it has come to its end, which may be after its order was confirmed. */
export const settledSagaOf = (operator: Client, orderId: string): Promise<SagaView> =>
  eventually(`the saga of ${orderId} is settled`, async () => {
    const saga = await sagaOf(operator, orderId);
    return saga.allowed.length === 0 && saga;
  });

/** After these a step may have had its effect. */
const mayHaveWorked: ReadonlySet<string> = new Set([
  'succeeded',
  'timed-out',
  'unknown',
  'compensated',
  'cancelled',
]);

/** The steps that a saga had to undo, the last one first, and those that it has undone, in their order. */
export function undoing({ log }: SagaView): { readonly due: string[]; readonly done: string[] } {
  const steps = (wanted: (what: string) => boolean) => [
    ...new Set(log.flatMap(({ step, what }) => (step && wanted(what) ? [step] : []))),
  ];
  return {
    due: steps((what) => mayHaveWorked.has(what)).reverse(),
    done: steps((what) => what === 'undone'),
  };
}
