import { EventStore, type StoredEvent } from '@waybill/event-store';
import { poolOf } from '@waybill/persistence';
import type { PublishedContext, PublishedMessage } from '@waybill/service';
import { messagesOf } from '../domain/order.announcements.ts';
import type { OrderEvent } from '../domain/order.events.ts';
import { evolve, type Order } from '../domain/order.ts';
import { orders } from '../storage/order.entities.ts';

type Stored = StoredEvent<OrderEvent>;

const pageSize = 500;

/** The published messages about orders, made from their events with the same ids. */
export async function* publishedOrders({
  dataSource,
  since,
}: PublishedContext): AsyncIterable<PublishedMessage> {
  const pool = poolOf(dataSource);
  const events = new EventStore<Order, OrderEvent>({ stream: orders, pool });
  const { rows } = await pool.query<{ first: string | null }>(
    'select min(position) as first from order_events where at >= $1',
    [since],
  );
  let after = rows[0]?.first ? Number(rows[0].first) - 1 : Number.MAX_SAFE_INTEGER;
  for (;;) {
    const page = await events.readAll(after, pageSize);
    const [last] = page.slice(-1);
    if (!last) return;
    const streams = [...new Set(page.map(({ streamId }) => streamId))];
    const known = ordersByCommit(await events.histories(streams));
    for (const stored of page) yield* publishedOf(stored, known.get(commitOf(stored)));
    after = last.position;
  }
}

const commitOf = ({ streamId, messageId }: Stored): string => `${streamId}/${messageId}`;

/** Each order as it was after each of its commits, because all events of a commit were published with that state. */
function ordersByCommit(histories: readonly Stored[]): ReadonlyMap<string, Order> {
  const now = new Map<string, Order>();
  const known = new Map<string, Order>();
  for (const stored of histories) {
    const { streamId: id, event, version, at } = stored;
    const next = evolve(now.get(id), event, { id, version, at });
    now.set(id, next);
    known.set(commitOf(stored), next);
  }
  return known;
}

function* publishedOf(
  { event, messageId, at }: Stored,
  order: Order | undefined,
): Iterable<PublishedMessage> {
  if (!order) return;
  for (const message of messagesOf(order, event)) {
    yield { message, causeId: messageId, at: new Date(at), sequence: order.revision };
  }
}
