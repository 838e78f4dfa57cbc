import { describe, expect, it } from '@jest/globals';
import type { Settling } from './intake.ts';
import { KeyQueue } from './key-queue.ts';
import { silentObserver } from './observer.ts';
import { Ownership } from './ownership.ts';
import { PatientStore } from './patient-store.ts';
import { StateCache } from './state-reader.ts';
import type { Store } from './store.ts';
import { HandClock } from './testing/hand-clock.ts';
import { add, fromBroker } from './testing/works.fixture.ts';
import { isOurs, type Tenure } from './work.ts';

/** An owner whose database returns the `counts` of the test. */
function scene() {
  const epochs = new Map<number, number>();
  const clock = new HandClock();
  const queue = new KeyQueue(
    clock,
    { callsExternally: () => false, isFaulty: () => false },
    {} as never,
  );
  const published: string[] = [];
  const reports: string[] = [];
  const settling = new Map<string, Settling>();
  const database = { counts: async (): Promise<ReadonlyMap<string, number>> => new Map() };
  const store: Pick<Store, 'own' | 'deferredKeys' | 'failure'> = {
    own: async (group, partitions) => {
      published.push('own');
      return partitions.map((partition) => {
        const epoch = (epochs.get(partition) ?? 0) + 1;
        epochs.set(partition, epoch);
        return { group, partition, epoch };
      });
    },
    deferredKeys: () => database.counts(),
    failure: () => 'unavailable',
  };
  const ownership = new Ownership({
    database: new PatientStore(store as Store, clock, silentObserver),
    clock,
    random: () => 0,
    cache: new StateCache(),
    queue,
    intake: {
      delivered: ({ group }, { body }, inHand) => {
        published.push(`${group} ${body}`);
        settling.set(body, inHand);
      },
    },
    caution: { open: async () => void published.push('prepare') },
    observer: { settled: (_, channel, how) => reports.push(`${channel} ${how}`) },
  });
  const workUnder = (fence: Tenure | undefined) => Object.assign(add(1, fromBroker()), { fence });
  return { ownership, queue, database, published, workUnder, reports, settling };
}

describe('a partition', () => {
  it('is taken when it is known of what its last owner may have died', async () => {
    const { ownership, published } = scene();
    await ownership.assigned('shop', [0]);
    await ownership.assigned('shop', [1]);
    expect(published).toEqual(['prepare', 'own', 'prepare', 'own']);
  });
});

describe('a message', () => {
  it('is ours while its partition is owned as it was when the message was taken', async () => {
    const { ownership, workUnder } = scene();
    await ownership.assigned('shop', [0, 1]);
    const work = workUnder(ownership.fenceOf('shop', 0));
    expect(isOurs(work)).toBe(true);
    ownership.revoked('shop', [0]);
    expect(isOurs(work)).toBe(false);
    await ownership.assigned('shop', [0]);
    expect(isOurs(work)).toBe(false);
    expect(isOurs(workUnder(ownership.fenceOf('shop', 0)))).toBe(true);
    expect(isOurs(workUnder(undefined))).toBe(false);
  });

  it('is taken anew under each ownership until it is settled, once', async () => {
    const { ownership, published } = scene();
    const told: string[] = [];
    const ack = () => told.push('ack');
    const delivery = { partition: 0, body: 'one', ack, giveBack: () => told.push('back') } as never;
    ownership.hold({ group: 'shop', broker: 'bench' }, delivery);
    await ownership.assigned('shop', [0]);
    ownership.hold({ group: 'shop', broker: 'bench' }, delivery);
    await ownership.assigned('shop', [0]);
    expect(published.filter((what) => what === 'shop one')).toHaveLength(2);
  });

  it('is reported as settled once: when it is acked, given back, or taken away with its partition', async () => {
    const { ownership, settling, reports } = scene();
    await ownership.assigned('shop', [0, 1]);
    const hold = (partition: number, body: string) =>
      ownership.hold({ group: 'shop', broker: 'bench' }, {
        partition,
        body,
        channel: body,
        ack: () => undefined,
        giveBack: () => undefined,
      } as never);
    for (const body of ['one', 'two']) hold(0, body);
    hold(1, 'three');
    settling.get('one')?.ack();
    settling.get('two')?.giveBack();
    ownership.revoked('shop', [0, 1]);
    settling.get('three')?.ack();
    expect(reports).toEqual(['one acked', 'two nacked', 'three nacked']);
  });

  it('of a partition that was lost since is not ours, but one that was lost before says nothing', async () => {
    const { ownership, workUnder } = scene();
    await ownership.assigned('shop', [0]);
    const old = ownership.fenceOf('shop', 0) as Tenure;
    await ownership.assigned('shop', [0]);
    const fence = ownership.fenceOf('shop', 0) as Tenure;
    ownership.lost(old);
    expect(isOurs(workUnder(fence))).toBe(true);
    ownership.lost(fence);
    expect([isOurs(workUnder(fence)), ownership.of('shop')]).toEqual([false, []]);
  });
});

describe('what is deferred on the keys of a partition', () => {
  it('is what the database said last, not what it said to an owner before', async () => {
    const { ownership, queue, database } = scene();
    await ownership.assigned('shop', [0]);
    let answer: (counts: ReadonlyMap<string, number>) => void = () => undefined;
    database.counts = () => new Promise((resolve) => (answer = resolve));
    const recounted = ownership.recount('shop');
    ownership.revoked('shop', [0]);
    database.counts = async () => new Map([['shop/a', 2]]);
    await ownership.assigned('shop', [0]);
    answer(new Map([['shop/a', 1]]));
    await recounted;
    expect(queue.deferredOn('shop/a')).toBe(2);
    database.counts = async () => new Map();
    await ownership.recount('shop');
    expect(queue.deferredOn('shop/a')).toBe(0);
  });
});
