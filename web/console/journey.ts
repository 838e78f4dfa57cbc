import { computed, effect, signal } from '@preact/signals';
import type { Schemas } from '@waybill/client';
import { LiveSocket } from '../lib/live-socket.ts';
import { repeat } from '../lib/repeat.ts';
import { api, ticket, user } from '../lib/session.ts';
import { idOfPage } from './address.ts';
import { outcomeOf } from './call.ts';
import { obstaclesIn } from './obstacles.ts';
import type { Hop } from './sequence.ts';
import { readHealth } from './system-health.ts';

const id = idOfPage();
export const order = signal<Schemas['Order'] | null>(null);
export const hops = signal<readonly Hop[] | null>(null);
export const missing = signal<readonly string[]>([]);
export const saga = signal<Schemas['Saga'] | null>(null);
/** The dead letters of the order. */
export const letters = signal<readonly Schemas['DeadLetterPage']['items'][number][]>([]);
/** What is wrong around it, as long as it is not settled. */
export const obstacles = signal<readonly string[]>([]);
export const trouble = signal<string | null>(null);

/** Whether nothing is going to happen by itself. */
export const isSettled = computed(
  () =>
    saga.value !== null &&
    (saga.value.state === 'completed' || saga.value.state === 'aborted') &&
    letters.value.length === 0 &&
    !hops.value?.some(({ outcome }) => outcome === 'deferred'),
);

const socket = new LiveSocket(ticket);
export const isLive = computed(() => socket.state.value === 'open');
const room = `order:${id}`;
/** While messages wait, their attempts change without a new version of the order. */
const [whileOpen, whenSettled] = [1_500, 10_000];

async function read(): Promise<void> {
  const params = { params: { path: { id } } };
  const [found, journey, its, health] = await Promise.all([
    outcomeOf(api.GET('/api/v1/orders/{id}', params), 'order'),
    outcomeOf(api.GET('/api/v1/orders/{id}/journey', params)),
    outcomeOf(api.GET('/api/v1/sagas/{id}', params)),
    isSettled.value ? null : readHealth(),
  ]);
  obstacles.value = health ? obstaclesIn(health) : [];
  trouble.value = found.trouble ?? journey.trouble;
  if (found.data) show(found.data);
  if (its.data) saga.value = its.data;
  if (!journey.data) return;
  hops.value = journey.data.items;
  missing.value = journey.data.missing;
  await readLetters(journey.data.items);
}

/** A dead letter has the key of its message, which is the order for what the order waits for. */
async function readLetters(all: readonly Hop[]): Promise<void> {
  const types = [
    ...new Set(all.filter(({ outcome }) => outcome === 'dead').map(({ name }) => name)),
  ];
  const pages = await Promise.all(
    types.map((type) =>
      outcomeOf(api.GET('/api/v1/dead-letters', { params: { query: { type, limit: 200 } } })),
    ),
  );
  letters.value = pages.flatMap(({ data }) => data?.items ?? []).filter(({ key }) => key === id);
}

function show(found: Schemas['Order']): void {
  if (order.value && order.value.version > found.version) return;
  order.value = found;
  document.title = `${found.number} · Waybill`;
}

socket.on('connection_established', () =>
  socket.send({ type: 'join_room', room, lastEventId: order.value?.version ?? 0 }),
);
socket.on('order_updated', ({ order: changed }) => {
  show(changed as unknown as Schemas['Order']);
  void read();
});

effect(() => {
  if (!user.value) return socket.close();
  socket.open();
  return repeat(read, isSettled.value ? whenSettled : whileOpen);
});
