import { SystemDatabases } from './order-database.ts';
import { type Loop, Shoppers, type Taken } from './shoppers.ts';
import type { BenchedSystem } from './system.ts';

/** Orders that were taken and have all been completed. */
export interface Driven {
  readonly taken: Taken;
  /** Completed orders a second, from the first POST to the last completion. */
  readonly perSecond: number;
}

/** Places orders at one system and waits until they are complete. */
export class Driver {
  private placed = 0;

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

  /** As fast as the system takes them. */
  async closedLoop(orders: number, loop: Loop = {}): Promise<Driven> {
    const started = performance.now();
    const taken = await this.shoppers.closedLoop(orders, this.count, loop);
    await this.completed(taken);
    return { taken, perSecond: orders / ((performance.now() - started) / 1000) };
  }

  /** At a fixed rate; answers the milliseconds from accept to confirmed of each, ascending. */
  async openLoop(orders: number, rate: number): Promise<number[]> {
    const taken = await this.shoppers.openLoop(orders, rate);
    await this.completed(taken);
    return this.data.confirmLatencies(taken.accepted);
  }

  /** One after another; answers the milliseconds from POST to confirmed of each. */
  async oneByOne(orders: number): Promise<number[]> {
    const all: number[] = [];
    for (let i = 0; i < orders; i += 1) all.push(await this.shoppers.placeAndWait(i));
    this.placed += orders;
    return all;
  }

  async close(): Promise<void> {
    await this.shoppers.close();
    await this.data.close();
  }

  private async completed({ accepted }: Taken): Promise<void> {
    this.placed += accepted;
    await this.data.untilCompleted(this.placed);
  }
}
