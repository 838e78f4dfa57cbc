import { violation } from '@waybill/testing/invariants';
import type { ProviderSums } from './ledgers.ts';
import type { DataSources } from './service-databases.ts';

interface OrderMoney {
  readonly id: string;
  readonly status: string;
  readonly captured: string;
  readonly refunded: string;
}

/** What store credit pays of an order never gets to the provider. */
const byCard = (sum: string): string =>
  `(payment->>'${sum}')::bigint - coalesce((payment->'credit'->>'${sum}')::bigint, 0) as ${sum}`;

const nothing: Omit<ProviderSums, 'orderId'> = {
  authorized: 0,
  captured: 0,
  voided: 0,
  refunded: 0,
  charges: 0,
};

/** Violations between the orders, the payments and the provider's own ledger. */
export async function providerInvariants(
  { order, payment }: Pick<DataSources, 'order' | 'payment'>,
  ledger: readonly ProviderSums[],
): Promise<string[]> {
  const orders = await order.query<OrderMoney[]>(
    `select id::text, status, ${byCard('captured')}, ${byCard('refunded')} from orders`,
  );
  const payments = await payment.query<OrderMoney[]>(
    'select order_id::text as id, status, captured, refunded from payments',
  );
  const sums = new Map(ledger.map((each) => [each.orderId, each]));
  const sumsOf = (id: string) => sums.get(id) ?? nothing;
  const ids = new Set(orders.map(({ id }) => id));
  const differs = ({ id, captured, refunded }: OrderMoney) =>
    Number(captured) !== sumsOf(id).captured || Number(refunded) !== sumsOf(id).refunded;
  const named = (found: readonly { id: string }[]) => found.map(({ id }) => id);
  const toldOf = (isWrong: (sums: ProviderSums) => boolean) =>
    ledger.filter(isWrong).map(({ orderId }) => orderId);
  return [
    {
      says: 'it charged an order more than once',
      what: toldOf(({ charges }) => charges > 1),
    },
    {
      says: 'it has a charge of an order that nobody placed',
      what: toldOf(({ charges, orderId }) => charges > 0 && !ids.has(orderId)),
    },
    {
      says: 'it captured more than it authorized, or refunded more than it captured',
      what: toldOf((sums) => sums.captured > sums.authorized || sums.refunded > sums.captured),
    },
    {
      says: 'it still holds money for an order that is settled',
      what: toldOf(({ authorized, voided, captured }) => authorized !== voided + captured),
    },
    {
      says: 'its books and the payments differ',
      what: named(payments.filter(differs)),
    },
    {
      says: 'its books and the orders differ',
      what: named(orders.filter(differs)),
    },
  ]
    .filter(({ what }) => what.length > 0)
    .map(({ says, what }) => violation('provider', says, what));
}
