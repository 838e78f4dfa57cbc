import { violation } from '@waybill/testing/invariants';
import type { DataSources, ServiceName } from './service-databases.ts';

/** Two sets of orders that must be equal: those of the order service and those of another service. */
interface Agreement {
  readonly says: string;
  /** A query for `what`: the orders according to the order service. */
  readonly orders: string;
  readonly at: ServiceName;
  readonly there: string;
  /** What `there` has of orders that nobody placed is not compared: outsiders report what they like. */
  readonly placedOnly?: true;
}

const withEvent = (...types: string[]): string =>
  `select stream_id::text as what from order_events where type in (${types.map((type) => `'${type}'`).join(', ')})`;
const received = (type: string, group: string): string =>
  `select key as what from handled where type = '${type}' and group_name = '${group}' and outcome = 'applied'`;

/** As `received`, but each order once: a request is sent again when its reply is late, or when an operator requests it. */
const asked = (type: string, group: string): string =>
  received(type, group).replace('select key', 'select distinct key');

/** Orders whose request a broker lost: the saga timed out and sent the undo without knowing whether the request was handled. */
const releasedOnly = `select distinct key from handled released
  where type = 'inventory.release-stock' and group_name = 'inventory' and outcome = 'applied'
    and not exists (select from handled reserved where reserved.key = released.key
      and reserved.type = 'inventory.reserve-stock' and reserved.group_name = 'inventory'
      and reserved.outcome = 'applied')`;

const agreements: readonly Agreement[] = [
  {
    says: 'placed orders and those that analytics received differ',
    orders: withEvent('placed'),
    at: 'analytics',
    there: received('order.placed', 'analytics'),
  },
  {
    says: 'placed orders and those that inventory was asked for differ',
    orders: withEvent('placed'),
    at: 'inventory',
    there: `${asked('inventory.reserve-stock', 'inventory')} union all ${releasedOnly}`,
  },
  {
    says: 'confirmed orders and those that analytics received differ',
    orders: withEvent('confirmed'),
    at: 'analytics',
    there: received('order.confirmed', 'analytics'),
  },
  {
    says: 'rejected orders and those that analytics received differ',
    orders: withEvent('rejected'),
    at: 'analytics',
    there: received('order.rejected', 'analytics'),
  },
  {
    says: 'cancelled orders and those that analytics received differ',
    orders: withEvent('cancelled'),
    at: 'analytics',
    there: received('order.cancelled', 'analytics'),
  },
  {
    says: 'confirmed orders and those whose region was counted differ',
    orders: withEvent('confirmed'),
    at: 'analytics',
    there: received('order.announced', 'analytics.orders'),
  },
  {
    says: 'orders with news and those that customers were written about differ',
    orders: `${withEvent('confirmed', 'rejected', 'cancelled', 'shipped', 'delivered')}
      union all ${withEvent('return-requested')} and not data ? 'byCarrier'
      union all ${withEvent('payment-refunded')} and data ? 'lines'`,
    at: 'notification',
    there: received('order.announced', 'notification.email'),
  },
  {
    says: 'confirmed orders and sold goods differ',
    orders: withEvent('confirmed'),
    at: 'inventory',
    there: `select order_id::text as what from reservations where status in ('committed', 'restored')`,
  },
  {
    says: 'orders cancelled after they were confirmed and goods put back on sale differ',
    orders: `${withEvent('confirmed')} intersect ${withEvent('cancelled')}`,
    at: 'inventory',
    there: `select order_id::text as what from reservations where status = 'restored'`,
  },
  {
    says: 'confirmed orders and captured payments differ',
    orders: withEvent('confirmed'),
    at: 'payment',
    there: `select order_id::text as what from payments where status = 'captured'
      union select order_id::text from credit_payments where status = 'captured'`,
  },
  {
    says: 'store credit that orders and payment took and gave back differs',
    orders: `select id || ' ' || (payment->'credit'->>'captured') || ' ' || (payment->'credit'->>'refunded') as what
      from orders where (payment->'credit'->>'captured')::bigint > 0`,
    at: 'payment',
    there: `select order_id || ' ' || amount || ' ' || refunded as what from credit_payments
      where status = 'captured'`,
  },
  {
    says: 'store credit is reserved for an order that is settled',
    orders: 'select null as what where false',
    at: 'payment',
    there: `select order_id::text as what from credit_payments where status = 'reserved'`,
  },
  {
    says: 'orders that show a dispute and disputed payments differ',
    orders: `select id::text as what from orders where disputed`,
    at: 'payment',
    there: `select distinct order_id::text as what from payment_flags where flag = 'dispute'`,
    placedOnly: true,
  },
  {
    says: 'returns that were taken back and restocked goods differ',
    orders: `select data->>'returnId' as what from order_events where type = 'return-completed'`,
    at: 'inventory',
    there: `select return_id::text as what from returned_goods`,
  },
  {
    says: 'refunds of orders and of payments differ',
    orders: `select stream_id || '/' || coalesce(data->>'refundId', stream_id::text) || ' ' || (data->>'amount') as what
      from order_events where type = 'payment-refunded'`,
    at: 'payment',
    there: `select order_id || '/' || refund_id || ' ' || amount as what from refunds where status = 'refunded'`,
  },
  {
    says: 'orders on their way and live parcels differ',
    orders: `select id::text as what from orders
      where status in ('confirmed', 'partially_shipped', 'shipped', 'delivered', 'returning', 'returned')`,
    at: 'shipping',
    there: `select distinct coalesce(parcel->>'orderId', order_id::text) as what from shipments
      where status in ('booked', 'picked_up', 'in_transit', 'delivered', 'undeliverable', 'returned')`,
  },
  {
    says: 'held stock and orders that wait for their customers differ',
    orders: `select id::text as what from orders where payment->>'status' = 'requires_action'`,
    at: 'inventory',
    there: `select order_id::text as what from reservations where status = 'reserved'`,
  },
];

/** Where other services disagree with the order service about which orders exist, or about their facts. */
export async function orderFactInvariants(databases: DataSources): Promise<string[]> {
  const broken: string[] = [];
  for (const { says, orders, at, there, placedOnly } of agreements) {
    const here = await databases.order.query<{ what: string }[]>(orders);
    const known = there.includes('handled') ? await knownSince(databases[at]) : null;
    const recent = known
      ? await databases.order.query<{ what: string }[]>(since(orders, known))
      : here;
    const other = await databases[at].query<{ what: string }[]>(there);
    const found = oddOnes(namesOf(recent), namesOf(here), namesOf(other));
    const odd = placedOnly ? await placedAmong(databases, found) : found;
    if (odd.length > 0) broken.push(violation(at, says, odd));
  }
  const phantoms = await databases.order.query<{ what: string }[]>(
    `select position::text as what from order_events e
     where e.at >= coalesce((select max(at) from inbox_horizon), '-infinity') and not exists (
       select from inbox i where i.message_id = e.message_id and coalesce(i.outcome, 'applied') = 'applied')`,
  );
  if (phantoms.length > 0) {
    broken.push(violation('order', 'an event was written by no message', namesOf(phantoms)));
  }
  return broken;
}

/** How often something happened to orders, according to the order service's events. */
export async function totalsOf({ order }: Pick<DataSources, 'order'>) {
  const [totals] = await order.query<Record<string, string>[]>(`
    select count(*) filter (where e.type = 'placed') as placed,
      count(*) filter (where e.type = 'confirmed') as confirmed,
      count(*) filter (where e.type = 'rejected') as rejected,
      count(*) filter (where e.type = 'cancelled') as cancelled,
      coalesce(sum(o.total) filter (where e.type = 'confirmed'), 0) as revenue
    from order_events e join orders o on o.id = e.stream_id`);
  const total = (name: string): number => Number(totals?.[name] ?? 0);
  return {
    placed: total('placed'),
    confirmed: total('confirmed'),
    rejected: total('rejected'),
    cancelled: total('cancelled'),
    revenue: total('revenue'),
  };
}

const placedAmong = async ({ order }: DataSources, ids: readonly string[]): Promise<string[]> =>
  namesOf(await order.query(`select id::text as what from orders where id::text = any($1)`, [ids]));

const namesOf = (rows: readonly { what: string }[]): string[] => rows.map(({ what }) => what);

/** From when on a service has all of its journeys; null if it has deleted none. A clock may differ by a minute. */
async function knownSince(database: DataSources[ServiceName]): Promise<Date | null> {
  const [row] = await database.query<{ at: Date | null }[]>(
    `select greatest((select at from retention_horizon where name = 'journey_page'), (select max(at) from inbox_horizon))
       + interval '1 minute' as at`,
  );
  return row?.at ?? null;
}

const since = (orders: string, at: Date): string =>
  orders.replaceAll(
    'from order_events where',
    `from order_events where at >= '${at.toISOString()}' and`,
  );

/** What is there less often than recently here, or more often than ever here. */
function oddOnes(
  recent: readonly string[],
  here: readonly string[],
  there: readonly string[],
): string[] {
  const [lately, ever, found] = [countsOf(recent), countsOf(here), countsOf(there)];
  const count = (counts: ReadonlyMap<string, number>, each: string) => counts.get(each) ?? 0;
  return [...new Set([...recent, ...there])].filter(
    (each) => count(found, each) < count(lately, each) || count(found, each) > count(ever, each),
  );
}

function countsOf(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const each of names) counts.set(each, (counts.get(each) ?? 0) + 1);
  return counts;
}
