import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import type { Driver } from './driver.ts';
import {
  type CpuSeconds,
  cpuSeconds,
  differenceOf,
  megabytesOf,
  type Part,
  thisProcess,
} from './parts.ts';
import { median, percentile } from './percentile.ts';
import { relayLagP99, relayTimes } from './relay-lag.ts';
import type { BenchedSystem } from './system.ts';

export interface Sizes {
  readonly warmUp: number;
  readonly orders: number;
  readonly rounds: number;
  readonly unloaded: number;
  readonly idleSeconds: number;
  readonly shoppers: number;
  /** Orders that wait for a killed broker; 0: no broker is killed. */
  readonly backlog: number;
}

type Percentiles = readonly [p50: number, p99: number];

/** The results of the closed loop. */
export interface Rounds {
  readonly completedPerSecond: readonly number[];
  readonly acceptedPerSecond: readonly number[];
  readonly commitsPerOrder: number;
  readonly walBytesPerOrder: number;
  /** By part of the system; null when it is unknown. */
  readonly cpuMicrosecondsPerOrder: CpuSeconds | null;
}

/** The results at half of the highest load. */
export interface HalfLoad {
  readonly halfLoadMs: Percentiles;
  /** Milliseconds from commit to confirm, 99th percentile of the messages; null when the relay has no figures. */
  readonly relayLagMs: number | null;
}

/** Resident memory of one process, in megabytes. */
export interface Megabytes {
  readonly idle: number;
  readonly peak: number;
}

const killEvery = 3_000;
const bursts = 5;
/** Per customer. */
const burstOrders = 4;

/** The loads that are applied to one system, one after another. */
export class Load {
  constructor(
    private readonly driver: Driver,
    private readonly sizes: Sizes,
    private readonly parts: () => readonly Part[],
    private readonly say: (line: string) => void,
  ) {}

  /** What an idle system uses. */
  async idle(): Promise<{ cpu: CpuSeconds | null; megabytes: ReadonlyMap<string, number> }> {
    const seconds = this.sizes.idleSeconds;
    this.say(`idle for ${seconds} s`);
    await pause(2_000);
    const parts = this.parts();
    const before = cpuSeconds(parts);
    await pause(seconds * 1_000);
    const after = cpuSeconds(parts);
    const megabytes = new Map(
      parts.flatMap(({ name, pid }) => {
        const size = megabytesOf(pid);
        return size ? [[name, size.now] as const] : [];
      }),
    );
    return { cpu: before && after && differenceOf(before, after, 1 / seconds), megabytes };
  }

  async warmUp(): Promise<void> {
    this.say(`warming up with ${this.sizes.warmUp} orders`);
    // A cold system may respond too late.
    await this.driver.closedLoop(this.sizes.warmUp, { keyed: true });
  }

  async rounds(): Promise<Rounds> {
    const { rounds, orders } = this.sizes;
    const { data } = this.driver;
    const parts = [...this.parts(), thisProcess];
    const [walBefore, commitsBefore] = [await data.walBytes(), await data.commits()];
    const cpuBefore = cpuSeconds(parts);
    const all = [];
    for (let round = 1; round <= rounds; round += 1) {
      this.say(`round ${round} of ${rounds}, ${orders} orders`);
      all.push(await this.driver.closedLoop(orders));
    }
    const cpuAfter = cpuSeconds(parts);
    const [walAfter, commitsAfter] = [await data.walBytes(), await data.commits()];
    const driven = orders * rounds;
    return {
      completedPerSecond: all.map(({ perSecond }) => perSecond),
      acceptedPerSecond: all.map(({ taken }) => taken.accepted / taken.seconds),
      commitsPerOrder: (commitsAfter - commitsBefore) / driven,
      walBytesPerOrder: (walAfter - walBefore) / driven,
      cpuMicrosecondsPerOrder:
        cpuBefore && cpuAfter && differenceOf(cpuBefore, cpuAfter, 1e6 / driven),
    };
  }

  /**
   * POSTs per second that an idle system accepts when all customers come at once, with four orders each: before its backlog
   * causes backpressure. The median of five such bursts; each one completes before the next.
   */
  async bursts(): Promise<number> {
    this.say(`${bursts} bursts of ${burstOrders * this.sizes.shoppers} orders`);
    const all: number[] = [];
    for (let i = 0; i < bursts; i += 1) {
      const { taken } = await this.driver.closedLoop(burstOrders * this.sizes.shoppers);
      all.push(taken.accepted / taken.seconds);
    }
    return median(all);
  }

  /** Completed orders per second when all are for one product. */
  async hot(): Promise<number> {
    this.say('one product only');
    const skus = this.driver.shoppers.skus.slice(0, 1);
    return (await this.driver.closedLoop(this.sizes.orders, { skus })).perSecond;
  }

  async half(rate: number, url: string): Promise<HalfLoad> {
    this.say(`open loop at ${Math.round(rate)} orders/s`);
    const before = await relayTimes(url);
    const latencies = await this.driver.openLoop(Math.round(rate * 10), rate);
    return {
      halfLoadMs: [percentile(latencies, 0.5), percentile(latencies, 0.99)],
      relayLagMs: relayLagP99(before, await relayTimes(url)),
    };
  }

  async unloaded(): Promise<Percentiles> {
    this.say(`${this.sizes.unloaded} orders one by one`);
    const all = await this.driver.oneByOne(this.sizes.unloaded);
    return [percentile(all, 0.5), percentile(all, 0.99)];
  }

  /** Completed orders per second while a service is killed every three seconds, each in turn. */
  async withKills(system: BenchedSystem): Promise<number> {
    this.say('a kill -9 of a service every 3 s');
    let turn = 0;
    const timer = setInterval(() => {
      const services = system.parts().filter(({ name }) => /-\d$/.test(name));
      const victim = services[turn % services.length];
      turn += 1;
      if (victim) process.kill(victim.pid, 'SIGKILL');
    }, killEvery);
    try {
      return (await this.driver.closedLoop(this.sizes.orders, { keyed: true })).perSecond;
    } finally {
      clearInterval(timer);
    }
  }
}

/** Peak memory by process, next to the idle memory. */
export function megabytesIn(
  parts: readonly Part[],
  idle: ReadonlyMap<string, number>,
): Readonly<Record<string, Megabytes>> {
  return Object.fromEntries(
    parts
      .filter(({ children, name }) => !children && name !== 'sandboxes')
      .map(({ name, pid }) => [
        name,
        { idle: idle.get(name) ?? 0, peak: megabytesOf(pid)?.peak ?? 0 },
      ]),
  );
}
