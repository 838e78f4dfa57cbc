import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { inProcessCarriers } from '@waybill/carriers';
import { type Ledgers, readLedgers, verifyInvariants } from '@waybill/e2e';
import { inProcessProvider } from '@waybill/payment-provider';
import { SystemDatabases } from './order-database.ts';
import { percentile } from './percentile.ts';
import { type CpuSeconds, cpuSeconds, peakMegabytes } from './processes.ts';
import { Shoppers } from './shoppers.ts';
import { BenchedSystem } from './system.ts';
import type { Addresses, MeasuredBrokers } from './transports/open-transport.ts';

export interface Sizes {
  readonly warmUp: number;
  readonly orders: number;
  readonly rounds: number;
  readonly unloaded: number;
  readonly shoppers: number;
}

export type WhichSandboxes = 'http' | 'in-process';
/** Everything in one process, or one process a service. */
export type Layout = 'one' | 'processes';

/** What is measured: which brokers, which sandboxes, how many processes. */
export interface Subject {
  readonly brokers: MeasuredBrokers;
  readonly sandboxes: WhichSandboxes;
  readonly layout: Layout;
  readonly addresses: Addresses;
}

export interface Figures {
  readonly subject: Subject;
  readonly startToFirstConfirmedMs: number;
  readonly completedPerSecond: readonly number[];
  readonly acceptedPerSecond: readonly number[];
  readonly hotPerSecond: number;
  readonly unloadedMs: readonly [p50: number, p99: number];
  readonly halfLoadMs: readonly [p50: number, p99: number];
  readonly commitsPerOrder: number;
  /** By part of the system; null where it is not known. */
  readonly cpuMicrosecondsPerOrder: CpuSeconds | null;
  /** By process; null where it is not known. */
  readonly peakMegabytes: Readonly<Record<string, number | null>>;
  readonly violations: readonly string[];
}

/** Drives the whole workload against a system of its own. */
export async function measure(
  subject: Subject,
  sizes: Sizes,
  say: (line: string) => void,
): Promise<Figures> {
  const name = `${subject.brokers}, ${subject.sandboxes}, ${subject.layout}`;
  const system = await BenchedSystem.start(subject);
  const { url, databases, pid } = system.where;
  const shoppers = await Shoppers.at(url, sizes.shoppers);
  const data = await SystemDatabases.open(databases);
  try {
    const startToFirstConfirmedMs = system.startMs + (await shoppers.placeAndWait(0));
    let placed = 1;
    const run = async (orders: number, skus?: readonly string[]) => {
      const started = performance.now();
      const taken = await shoppers.closedLoop(orders, sizes.shoppers, skus);
      placed += taken.accepted;
      await data.untilCompleted(placed);
      return { taken, perSecond: orders / ((performance.now() - started) / 1000) };
    };
    say(`${name}: warming up with ${sizes.warmUp} orders`);
    await run(sizes.warmUp);
    const pids = Object.values(system.where.sandboxes).flatMap((each) => (each ? [each.pid] : []));
    const cpu = () => cpuSeconds(pid, pids, system.postmaster);
    const [cpuBefore, commitsBefore] = [cpu(), await data.commits()];
    const rounds = [];
    for (let round = 1; round <= sizes.rounds; round += 1) {
      say(`${name}: round ${round} of ${sizes.rounds}, ${sizes.orders} orders`);
      rounds.push(await run(sizes.orders));
    }
    const [cpuAfter, commitsAfter] = [cpu(), await data.commits()];
    const driven = sizes.orders * sizes.rounds;
    say(`${name}: one product only`);
    const hot = await run(sizes.orders, shoppers.skus.slice(0, 1));
    const peak = Math.max(...rounds.map(({ perSecond }) => perSecond));
    say(`${name}: open loop at ${Math.round(peak / 2)} orders/s`);
    const half = await shoppers.openLoop(Math.round(peak * 5), peak / 2);
    placed += half.accepted;
    await data.untilCompleted(placed);
    const halfLoad = await data.confirmLatencies(half.accepted);
    say(`${name}: ${sizes.unloaded} orders one by one`);
    const unloaded: number[] = [];
    for (let i = 0; i < sizes.unloaded; i += 1) unloaded.push(await shoppers.placeAndWait(i));
    say(`${name}: checking the invariants`);
    const violations = await verifyInvariants({ databases, readLedgers: () => ledgersOf(system) });
    return {
      subject,
      startToFirstConfirmedMs,
      completedPerSecond: rounds.map(({ perSecond }) => perSecond),
      acceptedPerSecond: rounds.map(({ taken }) => taken.accepted / taken.seconds),
      hotPerSecond: hot.perSecond,
      unloadedMs: [percentile(unloaded, 0.5), percentile(unloaded, 0.99)],
      halfLoadMs: [percentile(halfLoad, 0.5), percentile(halfLoad, 0.99)],
      commitsPerOrder: (commitsAfter - commitsBefore) / driven,
      cpuMicrosecondsPerOrder: cpuBefore && cpuAfter && perOrder(cpuBefore, cpuAfter, driven),
      peakMegabytes: { all: peakMegabytes(pid) },
      violations,
    };
  } finally {
    await shoppers.close();
    await data.close();
    await system.stop();
  }
}

const perOrder = (before: CpuSeconds, after: CpuSeconds, orders: number): CpuSeconds => ({
  node: ((after.node - before.node) * 1e6) / orders,
  sandboxes: ((after.sandboxes - before.sandboxes) * 1e6) / orders,
  postgres: ((after.postgres - before.postgres) * 1e6) / orders,
});

/** Books inside the process are read from copies of their files. */
async function ledgersOf(system: BenchedSystem): Promise<Ledgers> {
  const { paymentProvider, carriers } = system.where.sandboxes;
  if (paymentProvider && carriers) return readLedgers({ paymentProvider, carriers });
  const copy = (name: string): string => {
    const to = join(system.folder, `copy-of-${name}`);
    copyFileSync(join(system.folder, 'sandboxes', name), to);
    return to;
  };
  const provider = await inProcessProvider({ dataFile: copy('payment-provider.ledger') });
  const booked = await inProcessCarriers({ dataFile: copy('carriers.ledger') });
  const ledgers = { provider: provider.ledger(), carriers: booked.ledger() };
  await Promise.all([provider.close(), booked.close()]);
  return ledgers as unknown as Ledgers;
}
