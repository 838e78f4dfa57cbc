import { beforeAll, describe, it } from '@jest/globals';
import { chosenSeed } from '../../system/chosen-seed.config.ts';
import { DigestedOrders } from '../../system/digested-orders.ts';
import { eventually } from '../../system/eventually.ts';
import { FaultRuns, lasting } from '../../system/fault-runs.ts';
import { everyProcess, frozenFor, isFull, oneByOne } from '../../system/faults.config.ts';
import { useProcesses } from '../../system/process-system.ts';

const services = everyProcess.filter((name) => name !== 'gateway');
const kills = isFull ? 50 : 8;
const longestLife = 1_500;
const notifications = isFull ? 500 : 100;
const digestSize = 20;

describe('while customers order and processes are killed, or sleep', () => {
  const system = useProcesses({
    env: { RATE_LIMIT: '1000000', DIGEST_SIZE: String(digestSize) },
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
