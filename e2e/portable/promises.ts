import type { Schemas } from '@waybill/client';
import type { Client } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';

export type SagaView = Schemas['Saga'];

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
  const body = await operator.read('/api/v1/payments/{orderId}', { path: { orderId } });
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
export const sagaOf = (operator: Client, orderId: string): Promise<SagaView> =>
  operator.read('/api/v1/sagas/{id}', { path: { id: orderId } });

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
