import type { Schemas } from '@waybill/client';
import type { Client } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';

export type SagaView = Schemas['Saga'];

/** The amounts of an order's payment and of its ledger. */
export interface MoneyOf {
  readonly authorized: number;
  readonly captured: number;
  readonly refunded: number;
  /** The sum of all entries: always zero. */
  readonly sum: number;
  /** The accounts other than the customer's whose balance is not zero. */
  readonly left: readonly string[];
  /** Calls to the provider that took effect more than once. */
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

/** As `sagaOf`, but waits until the saga has ended, which may be after its order was confirmed. */
export const settledSagaOf = (operator: Client, orderId: string): Promise<SagaView> =>
  eventually(`the saga of ${orderId} is settled`, async () => {
    const saga = await sagaOf(operator, orderId);
    return saga.allowed.length === 0 && saga;
  });

/** Log entries after which a step may have taken effect. */
const mayHaveWorked: ReadonlySet<string> = new Set([
  'succeeded',
  'timed-out',
  'unknown',
  'compensated',
  'cancelled',
]);

/** The steps that a saga must undo, in reverse order, and those that it has undone, in the order of the log. */
export function undoing({ log }: SagaView): { readonly due: string[]; readonly done: string[] } {
  const steps = (wanted: (what: string) => boolean) => [
    ...new Set(log.flatMap(({ step, what }) => (step && wanted(what) ? [step] : []))),
  ];
  return {
    due: steps((what) => mayHaveWorked.has(what)).reverse(),
    done: steps((what) => what === 'undone'),
  };
}
