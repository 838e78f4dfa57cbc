import { setTimeout as pause } from 'node:timers/promises';
import { verifyInvariants } from '@waybill/e2e';
import { Driver } from '../driver.ts';
import { Load, type Rounds, type Sizes } from '../load.ts';
import type { Servers } from '../servers.ts';
import { startSystem } from '../start-system.ts';
import type { Subject } from '../system.ts';
import { ledgersOf } from '../workload.ts';
import { Aging } from './aging.ts';

/** The performance of the system with one state of its databases. */
export interface AgeFigures extends Rounds {
  readonly unloadedMs: readonly [p50: number, p99: number];
}

export interface AgedFigures {
  readonly title: string;
  readonly orders: number;
  readonly fillSeconds: number;
  readonly gigabytes: number;
  readonly empty: AgeFigures;
  readonly aged: AgeFigures;
  readonly violations: readonly string[];
}

/** The number of real orders that are copied. */
const inSample = 256;
/** Milliseconds until everything that follows from complete orders is done. */
const settling = 5_000;
/** Milliseconds until backends have reported their statistics, at the latest. */
const statisticsDelay = 1_500;

/** The same rounds on a system with few orders, and on the same system with `orders` more finished orders. */
export async function measureAged(
  subject: Subject,
  sizes: Sizes,
  orders: number,
  servers: Pick<Servers, 'parts'>,
  say: (line: string) => void,
): Promise<AgedFigures> {
  const title = `${subject.brokers}, ${subject.sandboxes}, ${subject.layout}`;
  const told = (line: string): void => say(`${title}: ${line}`);
  const system = await startSystem(subject);
  let driver: Driver | undefined;
  try {
    const { databases } = system.where;
    driver = await Driver.at(system, sizes.shoppers);
    const load = new Load(driver, sizes, () => [...system.parts(), ...servers.parts()], told);
    const figures = async (): Promise<AgeFigures> => {
      await load.warmUp();
      return { ...(await load.rounds()), unloadedMs: await load.unloaded() };
    };
    const readLedgers = () => ledgersOf(system);
    const empty = await figures();
    const before = await verifyInvariants({ databases, readLedgers });
    await pause(statisticsDelay);
    const aging = await Aging.of(databases);
    const mark = await aging.mark();
    await driver.closedLoop(inSample);
    const sampled = await verifyInvariants({ databases, readLedgers });
    await pause(statisticsDelay);
    told(`filling in ${orders.toLocaleString('en-US')} finished orders`);
    const started = performance.now();
    await aging.fill(mark, inSample, orders, told);
    const fillSeconds = (performance.now() - started) / 1000;
    const gigabytes = await aging.gigabytes();
    const aged = await figures();
    told('checking the invariants of the other orders');
    await pause(settling);
    const recent = await aging.withoutCopies<typeof databases>();
    const after = await verifyInvariants({ databases: recent, readLedgers });
    const violations = [...before, ...sampled, ...after];
    return { title, orders, fillSeconds, gigabytes, empty, aged, violations };
  } finally {
    await driver?.close();
    await system.stop();
  }
}
