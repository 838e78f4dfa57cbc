import { setTimeout as pause } from 'node:timers/promises';
import { Driver } from '../driver.ts';
import type { Sizes } from '../load.ts';
import { type CpuSeconds, cpuSeconds, differenceOf, type Part, thisProcess } from '../parts.ts';
import type { Servers } from '../servers.ts';
import { startSystem } from '../start-system.ts';
import type { BenchedSystem, Subject } from '../system.ts';
import { BundlePlaces } from './bundle-places.ts';
import type { Costs } from './cost-table.ts';
import { selfTimes } from './cpu-profile.ts';
import { Inspector } from './inspector.ts';
import { phaseOf } from './node-phases.ts';
import { activityBetween, PostgresStatistics } from './statements.ts';

/** Milliseconds until backends have reported their statistics, at the latest. */
const statisticsDelay = 1_500;

/** Runs the orders of all rounds at once on a system of its own and profiles them. */
export async function profile(
  subject: Subject,
  sizes: Sizes,
  servers: Pick<Servers, 'parts'>,
  say: (line: string) => void,
): Promise<Costs> {
  const title = `${subject.brokers}, ${subject.sandboxes}, ${subject.layout}`;
  const system = await startSystem({ ...subject, profiled: true });
  let driver: Driver | undefined;
  try {
    driver = await Driver.at(system, sizes.shoppers);
    say(`${title}: warming up with ${sizes.warmUp} orders`);
    await driver.closedLoop(sizes.warmUp, { keyed: true });
    const orders = sizes.orders * sizes.rounds;
    say(`${title}: ${orders} orders are being profiled`);
    return { title, orders, ...(await costsOf(system, driver, orders, servers)) };
  } finally {
    await driver?.close();
    await system.stop();
  }
}

async function costsOf(
  system: BenchedSystem,
  driver: Driver,
  orders: number,
  servers: Pick<Servers, 'parts'>,
): Promise<Omit<Costs, 'title' | 'orders'>> {
  const statistics = await PostgresStatistics.of(system.where.databases);
  const parts: readonly Part[] = [...system.parts(), ...servers.parts(), thisProcess];
  const profiled = parts.find(({ name }) => name === 'node' || name === 'order-1');
  if (!profiled || system.inspectPort === undefined) throw new Error('no process can be profiled');
  const inspector = await Inspector.of(profiled.pid, system.inspectPort);
  await pause(statisticsDelay);
  const tablesBefore = await statistics.tables();
  await statistics.reset();
  const [walBefore, commitsBefore] = [await driver.data.walBytes(), await driver.data.commits()];
  await inspector.start();
  const cpuBefore = cpuSeconds(parts);
  const { perSecond, taken } = await driver.closedLoop(orders);
  const cpuAfter = cpuSeconds(parts);
  const sampled = await inspector.stop();
  const walBytes = (await driver.data.walBytes()) - walBefore;
  const statements = await statistics.statements();
  await pause(statisticsDelay);
  const commits = (await driver.data.commits()) - commitsBefore;
  const tables = activityBetween(tablesBefore, await statistics.tables());
  await statistics.close();
  const places = new BundlePlaces();
  return {
    perSecond,
    refusedPosts: taken.refused,
    cpu: cpuBetween(cpuBefore, cpuAfter),
    profiled: profiled.name,
    functions: selfTimes(sampled, { placeOf: (frame) => places.placeOf(frame), phaseOf }),
    statements,
    tables,
    walBytes,
    commits,
  };
}

const cpuBetween = (before: CpuSeconds | null, after: CpuSeconds | null): CpuSeconds | null =>
  before && after && differenceOf(before, after);
