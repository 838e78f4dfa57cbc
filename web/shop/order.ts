import { computed, effect, signal } from '@preact/signals';
import type { Schemas } from '@waybill/client';
import { LiveSocket } from '../lib/live-socket.ts';
import { repeat } from '../lib/repeat.ts';
import { answered, api, isAbsent, reasonOf, ticket, user } from '../lib/session.ts';

export type Order = Schemas['Order'];

const id = location.pathname.split('/').at(-1) ?? '';
export const order = signal<Order | null>(null);
/** Why the order is not shown, or was not changed. */
export const trouble = signal<string | null>(null);

const socket = new LiveSocket(ticket);
const isLive = computed(() => socket.state.value === 'open');
const room = `order:${id}`;
const readEvery = 2_000;

socket.on('connection_established', () =>
  socket.send({ type: 'join_room', room, lastEventId: order.value?.version ?? 0 }),
);
socket.on('order_updated', ({ order: changed }) => show(changed as unknown as Order));

/** A change that comes late changes nothing. */
function show(changed: Order): void {
  if (order.value && order.value.version > changed.version) return;
  if (!order.value) trouble.value = null;
  order.value = changed;
  document.title = `${changed.number} · Waybill`;
}

async function readOrder(): Promise<void> {
  const { data, error, response } = await answered(
    api.GET('/api/v1/orders/{id}', { params: { path: { id } } }),
  );
  if (data) show(data as Order);
  else if (!order.value)
    trouble.value = isAbsent(response) ? 'There is no such order.' : reasonOf(error);
}

effect(() => {
  order.value = null;
  if (!user.value) return socket.close();
  return socket.open();
});
// A network may let no WebSocket through, and a customer has only so many connections.
effect(() => (user.value && !isLive.value ? repeat(readOrder, readEvery) : undefined));

/** Resolves with whether the order is being cancelled. */
export async function cancelOrder(reason: string): Promise<boolean> {
  const { data, error } = await answered(
    api.POST('/api/v1/orders/{id}/cancel', {
      params: { path: { id } },
      body: { reason },
    }),
  );
  trouble.value = data ? null : reasonOf(error);
  return data !== undefined;
}

/** Resolves with whether the return was authorized. */
export async function returnLines(
  lines: readonly { sku: string; quantity: number }[],
  reason: string,
): Promise<boolean> {
  const { data, error } = await answered(
    api.POST('/api/v1/orders/{id}/returns', {
      params: { path: { id } },
      body: { lines: [...lines], reason },
    }),
  );
  trouble.value = data ? null : reasonOf(error);
  if (data) await readOrder();
  return data !== undefined;
}

/** Saves a document that is shown only with a token. */
export async function saveInvoice(): Promise<void> {
  const { data, error } = await answered(
    api.GET('/api/v1/orders/{id}/invoice.pdf', {
      params: { path: { id } },
      parseAs: 'blob',
    }),
  );
  trouble.value = data ? null : reasonOf(error);
  if (!data) return;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(data as unknown as Blob);
  link.download = `invoice-${order.value?.number ?? id}.pdf`;
  link.click();
  URL.revokeObjectURL(link.href);
}
