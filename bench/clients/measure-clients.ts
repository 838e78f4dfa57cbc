import { setTimeout as pause } from 'node:timers/promises';
import { median, percentile } from '../percentile.ts';
import { Shoppers } from '../shoppers.ts';
import { startSystem } from '../start-system.ts';
import type { Subject } from '../system.ts';
import { CountedLink } from './counted-link.ts';
import { OneCustomer } from './one-customer.ts';
import { Polling, Socket, Streams, type Way, Webhook } from './way.ts';

/** What it costs a client to learn that its orders are confirmed, and how late it learns it. */
export interface ClientFigures {
  readonly name: string;
  /** Milliseconds from the confirmation of an order. */
  readonly p50: number;
  readonly p99: number;
  readonly requestsPerHour: number;
  /** Bytes on the wire for each order. */
  readonly bytesPerOrder: number;
  readonly missed: number;
}

const seconds = 60;
/** Milliseconds until the slowest client knows of the last order. */
const patience = 15_000;

/** One customer orders once a second, and is told in every way at once. */
export async function measureClients(
  subject: Subject,
  say: (line: string) => void,
): Promise<readonly ClientFigures[]> {
  const system = await startSystem(subject);
  const { url } = system.where;
  const shoppers = await Shoppers.at(url, 1);
  const ways: Way[] = [];
  try {
    const { token } = shoppers;
    ways.push(
      new Polling(10_000, await CountedLink.to(url), token),
      new Polling(1_000, await CountedLink.to(url), token),
      new Webhook('webhook', await CountedLink.to(url), token),
      new Streams('server-sent events', await CountedLink.to(url), token),
      new Socket('WebSocket', await CountedLink.to(url), token),
    );
    for (const way of ways) {
      await way.begin();
      way.requests = 0;
    }
    say(`an order a second for ${seconds} s, and ${ways.length} clients who want to know`);
    const customer = new OneCustomer(url, token, shoppers.skus[0] ?? '');
    const confirmed = await confirmations(customer, ways);
    await customer.close();
    return ways.map((way) => figuresOf(way, confirmed));
  } finally {
    for (const way of ways) await way.end();
    await shoppers.close();
    await system.stop();
  }
}

export const clientsTable = (all: readonly ClientFigures[]): string[] => [
  `| a client that learns by | p50, ms | p99, ms | requests an hour | bytes an order |`,
  '|---|---|---|---|---|',
  ...all.map(
    ({ name, p50, p99, requestsPerHour, bytesPerOrder, missed }) =>
      `| ${name}${missed > 0 ? ` (${missed} missed)` : ''} | ${Math.round(p50)} | ${Math.round(p99)} | ${Math.round(requestsPerHour)} | ${Math.round(bytesPerOrder)} |`,
  ),
];

/** When each of the orders was confirmed, in milliseconds since the epoch. */
async function confirmations(
  customer: OneCustomer,
  ways: readonly Way[],
): Promise<ReadonlyMap<string, number>> {
  const ids = await placeEachSecond(customer, (id) => {
    for (const way of ways) way.placed(id);
  });
  for (const way of ways) way.mark();
  await pause(patience);
  const at = new Map<string, number>();
  for (const id of ids) {
    const confirmed = await customer.confirmedAt(id);
    if (confirmed !== null) at.set(id, confirmed);
  }
  return at;
}

/** The orders that were accepted. */
async function placeEachSecond(
  customer: OneCustomer,
  placed: (id: string) => void,
): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let n = 0; n < seconds; n += 1) {
    const due = pause(1_000);
    const id = await customer.place();
    if (id !== null) {
      ids.push(id);
      placed(id);
    }
    await due;
  }
  return ids;
}

function figuresOf(way: Way, confirmed: ReadonlyMap<string, number>): ClientFigures {
  const late = [...confirmed].flatMap(([id, at]) => {
    const known = way.known.get(id);
    return known === undefined ? [] : [Math.max(0, known - at)];
  });
  return {
    name: way.name,
    p50: median(late),
    p99: percentile(late, 0.99),
    requestsPerHour: (way.requestsInTime * 3_600) / seconds,
    bytesPerOrder: way.bytes / confirmed.size,
    missed: confirmed.size - late.length,
  };
}
