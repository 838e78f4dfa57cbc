import { violation } from '@waybill/testing/invariants';
import type { DataSources } from './service-databases.ts';

interface Announced {
  readonly type: string;
  readonly customerId: string;
  readonly about: string;
  readonly at: Date;
}

interface Active {
  readonly id: string;
  readonly customerId: string | null;
  readonly events: readonly string[];
  readonly since: Date;
}

/** What was announced of orders, from their events. */
const announcements = `select e.type, o.customer_id as "customerId", e.at,
    o.id || coalesce(' ' || case e.type when 'return-requested' then e.data->>'returnId'
      when 'payment-refunded' then e.data->>'refundId' end, '') as about
  from order_events e join orders o on o.id = e.stream_id
  where e.at > $1 and (e.type in ('confirmed', 'rejected', 'cancelled', 'shipped', 'delivered')
    or (e.type = 'return-requested' and not e.data ? 'byCarrier')
    or (e.type = 'payment-refunded' and e.data ? 'lines' and e.data ? 'refundId'))`;

const types: Readonly<Record<string, string>> = {
  'return-requested': 'order.returning',
  'payment-refunded': 'order.refunded',
};

/** Since when the webhooks that are enabled are told of their events, and all that was delivered is kept. Clocks may differ by a second. */
const active = `select id, customer_id as "customerId", events, interval '1 second' + greatest(active_since,
    (select at from retention_horizon where name = 'webhook_deliveries')) as since
  from webhooks where disabled_reason is null`;

const delivered = `select webhook_id || ' ' || type || ' ' || (body::jsonb->'data'->>'orderId')
    || coalesce(' ' || (body::jsonb->'data'->>'returnId'), '') as what
  from webhook_deliveries where message_id is not null`;

/** What webhooks should have been told of and were not. */
export async function webhookFactInvariants({
  order,
  notification,
}: Pick<DataSources, 'order' | 'notification'>): Promise<string[]> {
  const webhooks = await notification.query<Active[]>(active);
  if (webhooks.length === 0) return [];
  const earliest = new Date(Math.min(...webhooks.map(({ since }) => since.getTime())));
  const all = await order.query<Announced[]>(announcements, [earliest]);
  const told = new Set(
    (await notification.query<{ what: string }[]>(delivered)).map(({ what }) => what),
  );
  const missing = webhooks.flatMap((webhook) =>
    all
      .filter((each) => isFor(webhook, each))
      .map((each) => `${webhook.id} ${typeOf(each)} ${each.about}`)
      .filter((what) => !told.has(what)),
  );
  if (missing.length === 0) return [];
  return [violation('notification', 'a webhook was not told of an announcement', missing)];
}

const typeOf = ({ type }: Announced): string => types[type] ?? `order.${type}`;

const isFor = ({ customerId, events, since }: Active, announced: Announced): boolean =>
  (customerId === null || customerId === announced.customerId) &&
  events.includes(typeOf(announced)) &&
  announced.at > since;
