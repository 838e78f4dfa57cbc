import process from 'node:process';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { foundIn, foundInFiles, foundInTables } from '../../../system/byte-search.ts';
import type { OrderView } from '../../../system/client.ts';
import { CustomerFlows, type Erased } from '../../../system/customer-flows.ts';
import { FaultRuns, lasting } from '../../../system/fault-runs.ts';
import { ordersPerFault } from '../../../system/faults.config.ts';
import { useProcesses } from '../../../system/process-system.ts';
import { lostReturns } from '../../../system/returning-shopper.ts';
import { brokenPromises, lostCancels, Shoppers } from '../../../system/shoppers.ts';

const killed = ['customer', 'payment', 'order'] as const;
/** How often each flow runs. */
const times = Math.ceil(ordersPerFault / 100);
const betweenKills = 2_000;
const betweenKeys = 3_000;
const credit = { amount: 100_000_000, currency: 'EUR' };

describe('while customers come, change and go, and one of two replicas is killed', () => {
  const system = useProcesses({
    replicas: Object.fromEntries(killed.map((name) => [name, 2])),
    env: { RATE_LIMIT: '1000000', SIGNING_KEY_NOTICE: '2s' },
  });
  jest.setTimeout(3_600_000);
  const runs = new FaultRuns('customers', system);
  let erased: readonly Erased[] = [];
  beforeAll(() => runs.stockUp());

  /** Kills a replica whose other one is ready, again and again; resolves with how often once `isOver`. */
  async function killAtRandom(isOver: () => boolean): Promise<number> {
    for (let kills = 0; ; kills += 1) {
      await lasting(betweenKills + runs.random.below(betweenKills));
      if (isOver()) return kills;
      const name = runs.random.pick(killed);
      const replica = 1 + runs.random.below(2);
      for (const each of [1, 2]) await system().restarted(name, each, undefined);
      await system().kill(name, replica);
    }
  }

  async function replaceKeys(flows: CustomerFlows, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await flows.rotateSigningKey();
      await lasting(betweenKeys);
    }
  }

  /** Grace, who pays with store credit, cancels, and sends back. */
  async function graceShops(): Promise<Shoppers> {
    const [grace, operator] = [await system().as('grace'), await system().as('ops')];
    await operator.post(`/api/v1/customers/${grace.userId}/credit/deposit`, { amount: credit });
    const deliver = (id: string) => system().sandboxes.moveParcel(id, 'delivered');
    const returning = { share: 0.2, deliver, operator };
    return new Shoppers(grace, runs.random, 3, 100, 0.2, false, returning, true);
  }

  it(`each flow ends as it should, ${times} times`, async () => {
    const grace = await system().as('grace');
    const flows = new CustomerFlows(() => system().anonymous(), await system().as('ops'));
    const shoppers = await graceShops();
    await runs.survives(
      'kill -9 of one of two: customer, payment, order',
      async () => {
        let left = Object.keys(flows.all).length;
        const isOver = () => left === 0;
        const repeat = async (flow: () => Promise<void>): Promise<void> => {
          try {
            for (let n = 0; n < times; n += 1) await flow();
          } finally {
            left -= 1;
          }
        };
        shoppers.start();
        const named = Object.entries(flows.all).map(([name, flow]) =>
          repeat(flow).catch((cause: unknown) => {
            throw new Error(name, { cause });
          }),
        );
        const kills = killAtRandom(isOver);
        const ended = await Promise.allSettled([kills, replaceKeys(flows, isOver), ...named]);
        await shoppers.stop();
        for (const each of ended) if (each.status === 'rejected') throw each.reason;
        process.stderr.write(`  ${await kills} kills, ${flows.told}\n`);
        await system().allReady();
      },
      { orders: ordersPerFault / 10 },
    );
    erased = flows.erased;
    expect(erased).toHaveLength(times);
    expect(flows.signedBy.size).toBeGreaterThan(2);
    const { surprises, returned, cancelled } = shoppers;
    expect(surprises).toEqual([]);
    expect(returned.length).toBeGreaterThan(0);
    expect(await lostReturns(grace, returned)).toEqual([]);
    expect(await lostCancels(grace, cancelled)).toEqual([]);
    expect(await brokenPromises(grace, shoppers.bought)).toEqual([]);
  });

  it('nothing is left of those who were erased, at no replica', async () => {
    const { token } = await system().as('ops');
    for (const { id, orderId } of erased) {
      for (const replica of [1, 2]) {
        const order = system().at('order', replica).with(token);
        const { body } = await order.get<OrderView>(`/api/v1/orders/${orderId}?reason=test`);
        expect([body.note, body.shippingAddress.line1]).toEqual([null, 'erased']);
        const customer = system().at('customer', replica).with(token);
        const account = await customer.get(`/api/v1/customers/${id}`);
        expect(account.body).toMatchObject({ email: null, name: null, active: false });
      }
    }
    const texts = erased.flatMap((each) => each.texts);
    const { databases } = system().data.whereabouts();
    expect(await foundInTables(databases, texts)).toEqual([]);
    expect(foundInFiles(system().data.path, texts)).toEqual([]);
    expect(foundIn('logs', system().told, texts)).toEqual([]);
    // The search finds what is there.
    const [{ orderId } = { orderId: '' }] = erased;
    expect((await foundInTables(databases, [orderId])).length).toBeGreaterThan(3);
  });
});
