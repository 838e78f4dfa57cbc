import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { percentile } from '../percentile.ts';
import type { Servers } from '../servers.ts';
import type { Carrier } from './carrier.ts';
import { type Count, countOf, latenciesOf, perSecond } from './count.ts';
import { Crew } from './crew.ts';

/** How much is published. */
export interface CompareSizes {
  readonly warmUp: number;
  readonly messages: number;
  /** Messages one after another, for the latency. */
  readonly single: number;
  /** Messages around each kill. */
  readonly killed: number;
}

/** The figures of one carrier. */
export interface Compared {
  readonly carrier: Carrier;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly consumerKilled: Count;
  /** Null where there is no server, or it is not ours to kill. */
  readonly serverKilled: Count | null;
}

const keys = 64;
const window = 200;

/** Measures one carrier: its speed, then a kill of its consumer, then a kill of its server while no consumer runs. */
export async function compareOn(
  carrier: Carrier,
  sizes: CompareSizes,
  servers: Servers,
): Promise<Compared> {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-compare-'));
  const within = async <T>(work: (crew: Crew) => Promise<T>): Promise<T> => {
    const namespace = `compare-${randomBytes(4).toString('hex')}`;
    const crew = new Crew(carrier, servers.addresses, namespace, folder);
    try {
      return await work(crew);
    } finally {
      await crew.end();
    }
  };
  try {
    const speed = await within((crew) => speedOf(carrier, sizes, crew));
    const consumerKilled = await within((crew) => killConsumer(carrier, sizes, crew));
    const serverKilled = await within((crew) => killServer(carrier, sizes, crew, servers));
    return { carrier, ...speed, consumerKilled, serverKilled };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function speedOf({ server }: Carrier, sizes: CompareSizes, crew: Crew) {
  const { warmUp, messages, single } = sizes;
  const consumer = await crew.start(server === null ? 'both' : 'consumer');
  const publisher = server === null ? consumer : await crew.start('publisher');
  await crew.publish(publisher, { from: 0, count: warmUp, keys, window });
  await crew.untilReceived();
  await crew.publish(publisher, { from: warmUp, count: messages, keys, window });
  await crew.untilReceived();
  const first = warmUp + messages;
  await crew.publish(publisher, { from: first, count: single, keys, window: 1 });
  await crew.untilReceived();
  const [confirmed, received] = [crew.confirmed(), crew.received()];
  const isTimed = ({ seq }: { readonly seq: number }) => seq >= warmUp && seq < first;
  const isSingle = ({ seq }: { readonly seq: number }) => seq >= first;
  const latencies = latenciesOf(confirmed.filter(isSingle), received.filter(isSingle));
  return {
    perSecond: perSecond(confirmed.filter(isTimed), received.filter(isTimed)),
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
  };
}

/** The consumer is killed when it has received half; another one takes over. The embedded broker dies with it. */
async function killConsumer(
  { server }: Carrier,
  { killed }: CompareSizes,
  crew: Crew,
): Promise<Count> {
  const order = { from: 0, count: killed, keys, window };
  const role = server === null ? 'both' : 'consumer';
  const consumer = await crew.start(role);
  const publisher = server === null ? consumer : await crew.start('publisher');
  const published = crew.publish(publisher, order);
  await crew.until('received', killed / 2);
  await crew.kill(consumer);
  await crew.start(role);
  await published;
  await crew.untilReceived();
  return countOf(crew.confirmed(), crew.received());
}

/** No consumer runs while the server is killed, so a message is received later only if the server has kept it. */
async function killServer(
  { server, settling = 0 }: Carrier,
  { killed }: CompareSizes,
  crew: Crew,
  servers: Servers,
): Promise<Count | null> {
  if (server === null || !servers.isOwn(server)) return null;
  const publisher = await crew.start('publisher');
  await pause(settling);
  const published = crew.publish(publisher, { from: 0, count: killed, keys, window });
  await crew.until('confirmed', killed / 2);
  await servers.kill(server);
  await published;
  await crew.kill(publisher);
  await servers.start(server);
  await crew.start('consumer');
  await crew.untilReceived();
  return countOf(crew.confirmed(), crew.received());
}
