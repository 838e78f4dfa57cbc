import { SystemDatabases } from './order-database.ts';
import { type Loop, Shoppers, type Taken } from './shoppers.ts';
import type { BenchedSystem } from './system.ts';

/** Orders that were accepted and have all completed. */
export interface Driven {
  readonly taken: Taken;
  /** Completed orders per second, from the first POST to the last completion. */
  readonly perSecond: number;
}

/** Places orders at one system and waits until they are complete. */
export class Driver {
  private constructor(
    readonly shoppers: Shoppers,
    readonly data: SystemDatabases,
    private readonly count: number,
  ) {}

  static async at(system: BenchedSystem, shoppers: number): Promise<Driver> {
    const { url, databases } = system.where;
    return new Driver(
      await Shoppers.at(url, shoppers),
      await SystemDatabases.open(databases),
      shoppers,
    );
  }

  /** As fast as the system accepts them; resolves when they are accepted. */
  place(orders: number, loop: Loop = {}): Promise<Taken> {
    return this.shoppers.closedLoop(orders, this.count, loop);
  }

  /** As fast as the system accepts them; resolves when they are complete. */
  async closedLoop(orders: number, loop: Loop = {}): Promise<Driven> {
    const started = performance.now();
    const taken = await this.place(orders, loop);
    await this.data.untilCompleted();
    return { taken, perSecond: orders / ((performance.now() - started) / 1000) };
  }

  /** At a fixed rate; returns the milliseconds from accepted to confirmed of each order, ascending. */
  async openLoop(orders: number, rate: number): Promise<number[]> {
    const taken = await this.shoppers.openLoop(orders, rate);
    await this.data.untilCompleted();
    return this.data.confirmLatencies(taken.accepted);
  }

  /** One after another; returns the milliseconds from POST to confirmed of each order. */
  async oneByOne(orders: number): Promise<number[]> {
    const all: number[] = [];
    for (let i = 0; i < orders; i += 1) all.push(await this.shoppers.placeAndWait(i));
    await this.data.untilCompleted();
    return all;
  }

  async close(): Promise<void> {
    await this.shoppers.close();
    await this.data.close();
  }
}
