import { beforeAll, describe, it } from '@jest/globals';
import { chosenSeed } from '../../system/chosen-seed.config.ts';
import { DigestedOrders } from '../../system/digested-orders.ts';
import { eventually } from '../../system/eventually.ts';
import { FaultRuns, lasting } from '../../system/fault-runs.ts';
import { everyProcess, frozenFor, isFull, oneByOne } from '../../system/faults.config.ts';
import { type Fate, killWriterOf } from '../../system/killed-writers.ts';
import { useProcesses } from '../../system/process-system.ts';
import { Visitors } from '../../system/visitors.ts';

const services = everyProcess.filter((name) => name !== 'gateway');
const kills = isFull ? 50 : 8;
const longestLife = 1_500;
const notifications = isFull ? 500 : 100;
const digestSize = 20;
const fates: readonly Fate[] = ['lost', 'committed'];
/** What each stage of analytics writes to. */
const stages = [
  'session_activities',
  'visitor_activities',
  'window_states',
  'session_states',
  'window_metrics',
];
const stageKills = stages.flatMap((table, i) =>
  (isFull ? fates : [fates[i % 2] ?? 'lost']).map((fate) => [table, fate] as const),
);

describe('while customers order and processes are killed, or sleep', () => {
  const system = useProcesses({
    env: { RATE_LIMIT: '1000000', DIGEST_SIZE: String(digestSize), HIGH_VALUE_ORDER: '1' },
  });
  const runs = new FaultRuns('services', system);
  beforeAll(() => runs.stockUp());

  it(`loses nothing at ${kills} random kill -9 (seed ${chosenSeed})`, () =>
    runs.survives(`${kills} random kill -9`, async () => {
      for (let n = 0; n < kills; n += 1) {
        const name = runs.random.pick(everyProcess);
        // The process that was killed last may not be back yet.
        if (system().pid(name) !== undefined) await system().kill(name);
        await lasting(runs.random.below(longestLife));
      }
      await system().allReady();
    }));

  it('sends each notification in one digest when notification is killed in the middle', async () => {
    const orders = await DigestedOrders.of(system(), digestSize);
    await system().sandboxes.mailFaults({ latencyMs: 300 });
    const placing = orders.place(notifications);
    placing.catch(() => undefined);
    await eventually('half of the digests have arrived', async () => {
      const arrived = (await orders.digests()).length;
      return arrived >= notifications / digestSize / 2;
    });
    const before = system().pid('notification');
    await system().kill('notification');
    await system().sandboxes.mailFaults({});
    await system().restarted('notification', 1, before);
    await orders.expectEachOnce(await placing);
  });

  it('computes what visitors do once, and counts what is late, when each stage of analytics is killed', async () => {
    const visitors = new Visitors(system());
    for (const [table, fate] of stageKills) {
      await visitors.go();
      await visitors.goLate();
      await killWriterOf(table, fate, { system: system(), happens: () => visitors.go() });
    }
    await visitors.expectResults();
    await visitors.goLate();
    const ops = await system().as('ops');
    await eventually('operators see how many were late', async () => {
      const { totals } = await ops.read('/api/v1/metrics/summary', {});
      return totals.late > 0;
    });
  });

  it.each(isFull ? fates : fates.slice(1))(
    'lists an order of high value once when analytics is killed and its transaction is %s',
    async (fate) => {
      let id = '';
      const happens = async () => {
        const grace = await system().as('grace');
        id = (await grace.placeOrder()).body.id;
      };
      await killWriterOf('order_facts', fate, { system: system(), happens });
      const ops = await system().as('ops');
      await eventually('the order is listed once', async () => {
        const isIt = ({ orderId }: { readonly orderId: string }) => orderId === id;
        const listed = await ops.all('/api/v1/analytics/high-value-orders', {}, isIt);
        return listed.filter(isIt).length === 1;
      });
    },
  );

  it.each(oneByOne(services))(
    'loses nothing when %s sleep, each without another replica, and go on with what they held',
    (told, names) =>
      runs.survives(`SIGSTOP for ${frozenFor / 1_000} s of ${told}`, async () => {
        for (const name of names) system().freeze(name);
        try {
          await lasting(frozenFor);
        } finally {
          for (const name of names) system().thaw(name);
        }
        await system().acceptsAgain();
      }),
  );

  it('loses nothing when PostgreSQL is killed', () =>
    runs.survives('PostgreSQL killed', async () => {
      await system().killPostgres();
      await system().startPostgres();
      await system().acceptsAgain();
    }));
});
