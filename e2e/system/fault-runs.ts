import { afterAll, beforeAll, expect, jest } from '@jest/globals';
import { seededRandom } from '@waybill/testing';
import { untilCaughtUp } from './catch-up.ts';
import { chosenSeed } from './chosen-seed.config.ts';
import { eventually } from './eventually.ts';
import { type FaultResult, isFull, noteResult, ordersPerFault } from './faults.config.ts';
import { ProcessSystem } from './process-system.ts';
import { brokenPromises, Shoppers, strangers } from './shoppers.ts';

const patience = isFull ? 900_000 : 120_000;
const recoveryPatience = isFull ? 300_000 : 90_000;
const enough = 1_000_000;
/**
 * A steady load that two cores can handle; otherwise the backlog at the end would come from the load, not from the fault.
 * The short form shares the cores with another file.
 */
const customers = isFull ? 8 : 4;
const rest = 80;

/** What a fault can wait for while customers order. */
export interface Load {
  /** Resolves when `more` further orders were accepted. */
  accepts(more: number): Promise<void>;
}

export interface SurviveOptions {
  /** The minimum number of accepted orders; default `ordersPerFault`. */
  readonly orders?: number;
  /** Expected seconds of recovery on an otherwise idle machine; printed with the result, never asserted. */
  readonly goalSeconds?: number;
}

/** Lets customers order during a fault, then checks that every accepted order is kept. */
export class FaultRuns {
  readonly random = seededRandom(chosenSeed);
  private readonly bought: Shoppers['bought'] = [];

  constructor(
    private readonly topic: string,
    private readonly system: () => ProcessSystem,
  ) {}

  /** Restocks enough for all orders of a file; call it once, before the first. */
  async stockUp(): Promise<void> {
    const ops = await this.system().as('ops');
    for (const sku of Shoppers.skus) {
      await eventually(`there is enough of ${sku}`, async () => {
        const { status } = await ops.post(`/api/v1/inventory/${sku}/restock`, { quantity: enough });
        return status === 200;
      });
    }
  }

  /** `happens` resolves when the fault is over. Prints the result, and throws when there are violations. */
  async survives(
    fault: string,
    happens: (load: Load) => Promise<void>,
    { orders = ordersPerFault, goalSeconds }: SurviveOptions = {},
  ): Promise<void> {
    const ada = await this.system().as('ada');
    const shoppers = new Shoppers(ada, this.random, customers, rest);
    const reach = (count: number) => shoppers.reach(count, patience);
    shoppers.start();
    let recovery: Promise<number>;
    try {
      await reach(Math.ceil(orders / 4));
      await happens({ accepts: (more) => reach(shoppers.bought.length + more) });
      recovery = untilCaughtUp(this.system().databases, recoveryPatience);
      recovery.catch(() => undefined);
      await reach(orders);
      await shoppers.stop(patience);
    } catch (error) {
      await shoppers.abandon();
      throw error;
    } finally {
      this.bought.push(...shoppers.bought);
    }
    const recoverySeconds = await recovery;
    const broken = [
      ...shoppers.surprises,
      ...(await this.system().verify(recoveryPatience)),
      ...(await brokenPromises(ada, shoppers.bought)),
      ...(await strangers(ada, this.bought)).map((id) => `${id} was never accepted`),
    ];
    this.tell({
      topic: this.topic,
      fault,
      orders: shoppers.bought.length,
      recoverySeconds: Math.round(recoverySeconds * 10) / 10,
      ...(goalSeconds === undefined ? {} : { goalSeconds }),
      violations: broken.length,
    });
    expect(broken).toEqual([]);
  }

  private tell(result: FaultResult): void {
    noteResult(result);
    const { fault, orders, recoverySeconds, goalSeconds, violations } = result;
    const goal = goalSeconds === undefined ? '' : ` (goal ${goalSeconds})`;
    // Directly to stderr, because jest would print a stack trace with each line.
    process.stderr.write(
      `  ${fault}: ${orders} orders, caught up in ${recoverySeconds} s${goal}, ${violations} violations\n`,
    );
  }
}

/** The brokers of a system, or what stands between it and them. */
interface Surroundings {
  readonly env: Readonly<Record<string, string>>;
  dispose(): Promise<void>;
}

/** Fault runs of a file on one system of processes with the brokers that `open` gives, and with enough stock. */
export function useFaultRuns<B extends Surroundings>(
  topic: string,
  open: () => Promise<B>,
): { readonly brokers: () => B; readonly system: () => ProcessSystem; readonly runs: FaultRuns } {
  let brokers: B;
  let processes: ProcessSystem;
  const system = () => processes;
  const runs = new FaultRuns(topic, system);
  jest.setTimeout(1_800_000);
  beforeAll(async () => {
    brokers = await open();
    processes = await ProcessSystem.start({ env: { ...brokers.env, RATE_LIMIT: '1000000' } });
    await runs.stockUp();
  });
  afterAll(async () => {
    await processes?.dispose();
    await brokers?.dispose();
  });
  return { brokers: () => brokers, system, runs };
}

/** Resolves after `ms`; for faults whose duration matters. */
export const lasting = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));
