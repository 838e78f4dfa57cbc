import { effect, signal, untracked } from '@preact/signals';
import type { Schemas } from '@waybill/client';
import { randomId } from '../lib/random-id.ts';
import { sampleOrder } from '../lib/sample-order.ts';
import { api, user } from '../lib/session.ts';
import { rooms, socket } from './live.ts';

export type Order = Pick<
  Schemas['Order'],
  'id' | 'number' | 'status' | 'total' | 'placedAt' | 'version'
>;

/** Those of the caller, the latest first; a client may be in few rooms at once. */
const shown = 8;

export const orders = signal<readonly Order[]>([]);
/** Why the orders are not shown, or an order was not placed. */
export const orderTrouble = signal<string | null>(null);

export async function readOrders(): Promise<void> {
  const { data, error } = await api.GET('/api/v1/orders', { params: { query: { limit: shown } } });
  orderTrouble.value = data ? null : (error?.detail ?? 'orders are not available');
  for (const order of data?.items ?? []) put(order as Order);
}

/** Buys one of what costs least, so that there is something to watch. */
export async function placeSampleOrder(): Promise<void> {
  const products = await api.GET('/api/v1/products', { params: { query: { limit: 50 } } });
  const [product] = (products.data?.items ?? [])
    .filter(({ available }) => available > 0)
    .sort((one, other) => one.price.amount - other.price.amount);
  if (!product) {
    orderTrouble.value = 'nothing is in stock';
    return;
  }
  const { data, error } = await place(product.sku, randomId());
  orderTrouble.value = data ? null : (error?.detail ?? 'the order was refused');
  if (data) put(data as Order);
}

/** A shop that is busy for a moment is called again, with the same key. */
async function place(sku: string, key: string, tries = 5): ReturnType<typeof postOrder> {
  const answer = await postOrder(sku, key);
  const isBusy = answer.response.status === 503 || answer.response.status === 429;
  if (!isBusy || tries <= 1) return answer;
  const seconds = Number(answer.response.headers.get('retry-after') ?? 1);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  return place(sku, key, tries - 1);
}

const postOrder = (sku: string, key: string) =>
  api.POST('/api/v1/orders', {
    params: { header: { 'Idempotency-Key': key } },
    body: sampleOrder(sku),
  });

/** An update that comes late changes nothing. */
function put(order: Order): void {
  const known = orders.value.find(({ id }) => id === order.id);
  if (known && known.version >= order.version) return;
  const others = orders.value.filter(({ id }) => id !== order.id);
  orders.value = [order, ...others]
    .sort((one, other) => (one.placedAt < other.placedAt ? 1 : -1))
    .slice(0, shown);
}

socket.on('order_updated', ({ order }) => put(order as unknown as Order));

/** The client is in the rooms of the orders that are shown, and in no others. */
effect(() => {
  if (socket.state.value !== 'open') return;
  const wanted = new Map(orders.value.map(({ id, version }) => [`order:${id}`, version]));
  const joined = untracked(() =>
    [...rooms.value.keys()].filter((room) => room.startsWith('order:')),
  );
  for (const room of joined) if (!wanted.has(room)) socket.send({ type: 'leave_room', room });
  for (const [room, lastEventId] of wanted)
    if (!joined.includes(room) && !asked.has(room)) {
      asked.add(room);
      socket.send({ type: 'join_room', room, lastEventId });
    }
});
/** Rooms that the client has asked for on this connection. */
const asked = new Set<string>();
socket.on('connection_established', () => asked.clear());
socket.on('room_left', ({ room }) => void asked.delete(room));

effect(() => {
  orders.value = [];
  if (user.value) void readOrders();
});
