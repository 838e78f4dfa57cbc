import { beforeAll, describe, it } from '@jest/globals';
import { eventually } from '../../system/eventually.ts';
import { FaultRuns, lasting } from '../../system/fault-runs.ts';
import { frozenFor, isFull, oneByOne } from '../../system/faults.config.ts';
import { epochsOf } from '../../system/partition-epochs.ts';
import { useProcesses } from '../../system/process-system.ts';

const everyService = ['order', 'inventory', 'payment', 'shipping', 'notification'] as const;
/** The short form has second replicas only of the most critical services. */
const duplicates = isFull ? everyService : (['order', 'payment', 'notification'] as const);
const rounds = isFull ? 20 : 2;
const between = 3_000;

describe('while customers order and replicas come, go and sleep', () => {
  const system = useProcesses({
    replicas: { ...Object.fromEntries(duplicates.map((name) => [name, 2])), analytics: 3 },
    // Shorter than a freeze, so that the messages of a frozen process are delivered to the other replica.
    env: { RATE_LIMIT: '1000000', SQS_VISIBILITY_SECONDS: '2' },
  });
  const runs = new FaultRuns('replicas', system);
  beforeAll(() => runs.stockUp());

  it.each(oneByOne(duplicates))(
    'a replica of %s that slept writes nothing stale, and its other replica works meanwhile',
    (told, names) =>
      runs.survives(`SIGSTOP of one of two for ${frozenFor / 1_000} s: ${told}`, async (load) => {
        // Only one replica consumes an SQS group, and it may be the other one.
        const sharing = names.filter((name) => name !== 'notification');
        const epochs = () => Promise.all(sharing.map((name) => epochsOf(system().databases[name])));
        const before = await epochs();
        for (const name of names) system().freeze(name, 1);
        try {
          await lasting(frozenFor);
          await load.accepts(10);
          await eventually('the other replica has taken the partitions over', async () => {
            const now = await epochs();
            return now.every((epoch, at) => epoch > (before[at] ?? 0));
          });
        } finally {
          for (const name of names) system().thaw(name, 1);
        }
      }),
  );

  it('one replica of each killed for good while another of each sleeps', () =>
    runs.survives('one killed, one frozen', async () => {
      const [first = 'order', ...others] = duplicates;
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

  it(`consumers of Kafka leave and join every ${between / 1_000} s, in order and not`, () =>
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
