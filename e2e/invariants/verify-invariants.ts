import { analyticsInvariants } from '@waybill/analytics';
import { customerInvariants } from '@waybill/customer';
import { inventoryInvariants } from '@waybill/inventory';
import { notificationInvariants } from '@waybill/notification';
import { orderInvariants } from '@waybill/order';
import { paymentInvariants, unsettledMoney } from '@waybill/payment';
import { shippingInvariants } from '@waybill/shipping';
import { messagingInvariants } from '@waybill/testing/invariants';
import type { Ledgers } from './ledgers.ts';
import { orderFactInvariants, totalsOf } from './order-facts.invariants.ts';
import { providerInvariants } from './provider.invariants.ts';
import { type DatabaseUrls, type DataSources, withDatabases } from './service-databases.ts';
import { webhookFactInvariants } from './webhook-facts.invariants.ts';

export interface VerifyOptions {
  readonly databases: DatabaseUrls;
  readonly readLedgers: () => Promise<Ledgers>;
  /** Milliseconds that the system may take to settle; default 60,000. */
  readonly within?: number;
}

const lookAgainAfter = 250;

/**
 * Waits until the system has settled, then checks every service's database and the ledgers of the provider,
 * the carriers and the supplier. Returns the violations, one sentence each; empty when all invariants hold.
 */
export function verifyInvariants(options: VerifyOptions): Promise<string[]> {
  const deadline = performance.now() + (options.within ?? 60_000);
  return withDatabases(options.databases, async (databases) => {
    for (;;) {
      const waiting = await unsettled(databases);
      // Work in progress breaks sums for a moment; what is still broken at the deadline is a violation.
      const broken = waiting.length > 0 ? waiting : await brokenInvariants(databases, options);
      if (broken.length === 0 || performance.now() > deadline) return broken;
      await new Promise((resolve) => setTimeout(resolve, lookAgainAfter));
    }
  });
}

/**
 * Cheap queries, because they run often and must not slow down the work that they wait for. An order whose customer must confirm the
 * payment is settled until then.
 */
async function unsettled(databases: DataSources): Promise<string[]> {
  const running = await databases.order.query<{ id: string }[]>(
    `select s.id from sagas s left join orders o on o.id::text = s.key
     where s.status in ('running', 'compensating') and coalesce(o.payment->>'status', '') <> 'requires_action'
     order by s.id`,
  );
  const [first] = running;
  if (first) return [`order: sagas that have not ended: ${running.length}, such as ${first.id}`];
  const waiting = await Promise.all(
    Object.entries(databases).map(async ([service, source]) => {
      const [found] = await source.query<{ n: number }[]>(
        `select count(*)::int as n from (select from outbox where due_at is null or due_at <= waybill_now()
           union all select from outbox_message limit 1000) waiting`,
      );
      return found && found.n > 0 ? [`${service}: ${found.n} messages wait in the outbox`] : [];
    }),
  );
  return [...waiting.flat(), ...(await unlisted(databases.customer))];
}

/** The list of customers follows the events a moment later. */
async function unlisted(customer: DataSources['customer']): Promise<string[]> {
  const [found] = await customer.query<{ n: number }[]>(
    `select count(*)::int as n from customer_events where position >
       coalesce((select max(position) from projection_checkpoint where name = 'customers'), 0)`,
  );
  return found && found.n > 0 ? [`customer: ${found.n} events are not in the list`] : [];
}

/** The current violations, including those that work in progress causes. */
export async function brokenInvariants(
  databases: DataSources,
  { readLedgers }: Pick<VerifyOptions, 'readLedgers'>,
): Promise<string[]> {
  const { order, inventory, payment, shipping, notification, analytics, customer } = databases;
  const { provider, carriers, supplier } = await readLedgers();
  const nothing = await order.query<{ id: string }[]>(
    `select id::text from orders where status in ('rejected', 'cancelled')`,
  );
  const parts = await Promise.all([
    orderInvariants(order),
    inventoryInvariants(inventory, supplier),
    paymentInvariants(payment),
    unsettledMoney(
      payment,
      nothing.map(({ id }) => id),
    ),
    shippingInvariants(shipping, carriers),
    notificationInvariants(notification),
    totalsOf(databases).then((totals) => analyticsInvariants(analytics, totals)),
    customerInvariants(customer),
    providerInvariants(databases, provider),
    orderFactInvariants(databases),
    webhookFactInvariants(databases),
    messagingInvariants(
      Object.entries(databases).map(([service, source]) => ({
        service,
        query: (sql, parameters) => source.query(sql, parameters),
      })),
    ),
  ]);
  return parts.flat();
}
