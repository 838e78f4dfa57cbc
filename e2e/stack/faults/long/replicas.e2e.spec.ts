import { beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../../../system/eventually.ts';
import { FaultRuns, lasting } from '../../../system/fault-runs.ts';
import { brokersOfFaults, frozenFor } from '../../../system/faults.config.ts';
import { epochsOf } from '../../../system/partition-epochs.ts';
import { useProcesses } from '../../../system/process-system.ts';

const everyService = ['order', 'inventory', 'payment', 'shipping', 'notification'] as const;
const rounds = 20;
const kills = 20;
const between = 3_000;

describe(`while customers order and replicas come, go and sleep (${brokersOfFaults})`, () => {
  const system = useProcesses({
    brokers: brokersOfFaults,
    replicas: { ...Object.fromEntries(everyService.map((name) => [name, 2])), analytics: 3 },
    // Shorter than a freeze, so that the messages of a frozen process are delivered to the other replica.
    env: { RATE_LIMIT: '1000000', SQS_VISIBILITY_SECONDS: '2' },
  });
  const runs = new FaultRuns('replicas', system);
  beforeAll(() => runs.stockUp());

  it.each(everyService)('both replicas of %s handle messages at once', async (name) => {
    const grace = await system().as('grace');
    const ops = await system().as('ops');
    const handled = (text: string, instance: string) =>
      text.match(
        new RegExp(`^waybill_messages_total\\{[^}]*instance="${instance}"[^}]*\\} [1-9]`, 'm'),
      );
    await eventually('each has handled some', async () => {
      await Promise.all(Array.from({ length: 8 }, () => grace.buy()));
      const text = (await ops.get('/metrics')).bytes.toString();
      return [1, 2].every((replica) => handled(text, `${name}-${replica}`));
    });
    expect(await system().verify()).toEqual([]);
  });

  it.each(everyService)(
    'a replica of %s that slept writes nothing stale, and its other replica works meanwhile',
    (name) =>
      runs.survives(`SIGSTOP of one of two for ${frozenFor / 1_000} s: ${name}`, async (load) => {
        const epochs = () => epochsOf(system().databases[name]);
        const before = await epochs();
        system().freeze(name, 1);
        try {
          await lasting(frozenFor);
          await load.accepts(10);
          await eventually(
            'the other replica has taken the partitions over',
            async () => (await epochs()) > before,
          );
        } finally {
          system().thaw(name, 1);
        }
      }),
  );

  it(`${kills} random kill -9 of replicas of each service`, () =>
    runs.survives(`${kills} random kill -9 of replicas`, async (load) => {
      for (let n = 0; n < kills; n += 1) {
        const name = runs.random.pick(everyService);
        const replica = 1 + runs.random.below(2);
        // The replica that was killed last may not be back yet.
        if (system().pid(name, replica) !== undefined) await system().kill(name, replica);
        await load.accepts(10);
      }
      await system().allReady();
    }));

  it('one replica of each killed for good while another of each sleeps', () =>
    runs.survives('one killed, one frozen', async () => {
      const [first, ...others] = everyService;
      await system().killForGood(first, 2);
      for (const name of others) system().freeze(name, 2);
      try {
        await lasting(frozenFor);
      } finally {
        system().release(first, 2);
        for (const name of others) system().thaw(name, 2);
      }
      await system().allReady();
    }));

  it(`consumers of activity and events leave and join every ${between / 1_000} s, in order and not`, () =>
    runs.survives(`${rounds} times leaving and joining`, async () => {
      for (let round = 0; round < rounds; round += 1) {
        const replica = 2 + (round % 2);
        if (round % 2 === 0) system().leave('analytics', replica);
        else await system().killForGood('analytics', replica);
        await lasting(between);
        system().release('analytics', replica);
        await lasting(between);
      }
      await system().allReady();
    }));
});
