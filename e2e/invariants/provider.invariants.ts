import { violation } from '@waybill/testing/invariants';
import type { ProviderSums } from './ledgers.ts';
import type { DataSources } from './service-databases.ts';

interface OrderMoney {
  readonly id: string;
  readonly status: string;
  readonly captured: string;
  readonly refunded: string;
}

const nothing: Omit<ProviderSums, 'orderId'> = {
  authorized: 0,
  captured: 0,
  voided: 0,
  refunded: 0,
  charges: 0,
};

/** What is wrong between the orders, the payments and the provider's own books. */
export async function providerInvariants(
  { order, payment }: Pick<DataSources, 'order' | 'payment'>,
  ledger: readonly ProviderSums[],
): Promise<string[]> {
  const orders = await order.query<OrderMoney[]>(
    `select id::text, status, payment->>'captured' as captured, payment->>'refunded' as refunded from orders`,
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
  return (
    [
      [
        'it charged an order more than once',
        ledger.filter(({ charges }) => charges > 1).map(({ orderId }) => orderId),
      ],
      [
        'it has a charge of an order that nobody placed',
        ledger.filter((each) => each.charges > 0 && !ids.has(each.orderId)).map((e) => e.orderId),
      ],
      [
        'it captured more than it authorized, or refunded more than it captured',
        ledger
          .filter((each) => each.captured > each.authorized || each.refunded > each.captured)
          .map((each) => each.orderId),
      ],
      [
        'it still holds money for an order that is settled',
        ledger
          .filter(({ authorized, voided, captured }) => authorized !== voided + captured)
          .map((each) => each.orderId),
      ],
      ['its books and the payments differ', named(payments.filter(differs))],
      ['its books and the orders differ', named(orders.filter(differs))],
    ] as const
  )
    .filter(([, what]) => what.length > 0)
    .map(([says, what]) => violation('provider', says, what));
}
