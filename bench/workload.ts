import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { inProcessCarriers } from '@waybill/carriers';
import { type Ledgers, readLedgers, verifyInvariants } from '@waybill/e2e';
import { inProcessProvider } from '@waybill/payment-provider';
import { drainedPerSecond } from './backlog.ts';
import { Driver } from './driver.ts';
import {
  type HalfLoad,
  Load,
  type Megabytes,
  megabytesIn,
  type Rounds,
  type Sizes,
} from './load.ts';
import type { Servers } from './servers.ts';
import { startSystem } from './start-system.ts';
import type { BenchedSystem, Subject } from './system.ts';

export interface Figures extends Rounds, HalfLoad {
  readonly subject: Subject;
  readonly startToFirstConfirmedMs: number;
  readonly hotPerSecond: number;
  /** Accepted POSTs per second when all customers come at once to an idle system. */
  readonly burstPerSecond: number;
  readonly unloadedMs: readonly [p50: number, p99: number];
  /** Completed orders per second while a service is killed every three seconds; null with one process. */
  readonly perSecondWithKills: number | null;
  /** Completed orders per second after a killed broker returns; null when none was killed. */
  readonly drainedPerSecond: number | null;
  /** Cores used by each part when idle; null when it is unknown. */
  readonly idleCpu: Readonly<Record<string, number>> | null;
  /** By process. */
  readonly megabytes: Readonly<Record<string, Megabytes>>;
  readonly violations: readonly string[];
}

/** Runs the whole workload on a system of its own. */
export async function measure(
  subject: Subject,
  sizes: Sizes,
  servers: Pick<Servers, 'parts' | 'isOwn' | 'kill' | 'start'>,
  say: (line: string) => void,
): Promise<Figures> {
  const name = `${subject.brokers}, ${subject.sandboxes}, ${subject.layout}`;
  const system = await startSystem(subject);
  let driver: Driver | undefined;
  try {
    driver = await Driver.at(system, sizes.shoppers);
    const [first = 0] = await driver.oneByOne(1);
    const parts = () => [...system.parts(), ...servers.parts()];
    const load = new Load(driver, sizes, parts, (line) => say(`${name}: ${line}`));
    const startToFirstConfirmedMs = system.startMs + first;
    const idle = await load.idle();
    await load.warmUp();
    const rounds = await load.rounds();
    const hot = await load.hot();
    const burst = await load.bursts();
    const half = await load.half(Math.max(...rounds.completedPerSecond) / 2, system.where.url);
    const unloaded = await load.unloaded();
    const megabytes = megabytesIn(system.parts(), idle.megabytes);
    const afterKills = subject.layout === 'one' ? null : await load.withKills(system);
    if (sizes.backlog > 0) say(`${name}: ${sizes.backlog} orders wait for a killed broker`);
    const drained = await drainedPerSecond(subject.brokers, sizes.backlog, driver, servers);
    say(`${name}: checking the invariants`);
    const violations = await verifyInvariants({
      databases: system.where.databases,
      readLedgers: () => ledgersOf(system),
    });
    return {
      ...rounds,
      ...half,
      subject,
      startToFirstConfirmedMs,
      hotPerSecond: hot,
      burstPerSecond: burst,
      unloadedMs: unloaded,
      perSecondWithKills: afterKills,
      drainedPerSecond: drained,
      idleCpu: idle.cpu,
      megabytes,
      violations,
    };
  } finally {
    await driver?.close();
    await system.stop();
  }
}

/** The ledgers of in-process sandboxes are read from copies of their files. */
export async function ledgersOf(system: BenchedSystem): Promise<Ledgers> {
  const { paymentProvider, carriers } = system.where.sandboxes;
  if (paymentProvider && carriers) return readLedgers({ paymentProvider, carriers });
  const copy = (name: string): string => {
    const to = join(system.folder, `copy-of-${name}`);
    copyFileSync(join(system.folder, 'sandboxes', name), to);
    return to;
  };
  const provider = await inProcessProvider({ dataFile: copy('payment-provider.ledger') });
  const booked = await inProcessCarriers({ dataFile: copy('carriers.ledger') });
  const ledgers = { provider: provider.ledger(), carriers: booked.ledger(), supplier: [] };
  await Promise.all([provider.close(), booked.close()]);
  return ledgers as unknown as Ledgers;
}
