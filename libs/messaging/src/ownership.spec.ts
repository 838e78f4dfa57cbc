import { describe, expect, it } from '@jest/globals';
import { Ownership } from './ownership.ts';
import { ParkedKeys } from './parked-keys.ts';
import { StateCache } from './state-cache.ts';
import type { Fence } from './store.ts';
import { HandClock } from './testing/hand-clock.ts';
import { add, fromBroker, fromCaller } from './testing/works.fixture.ts';

/** An owner whose database says what `counts` says. */
function scene() {
  const epochs = new Map<number, number>();
  const parkedKeys = new ParkedKeys();
  const said: string[] = [];
  const database = { counts: async (): Promise<ReadonlyMap<string, number>> => new Map() };
  const ownership = new Ownership({
    store: {
      own: async (group, shards) => {
        said.push('own');
        return shards.map((shard) => {
          const epoch = (epochs.get(shard) ?? 0) + 1;
          epochs.set(shard, epoch);
          return { group, shard, epoch };
        });
      },
      parkedKeys: () => database.counts(),
    },
    clock: new HandClock(),
    random: () => 0,
    cache: new StateCache(),
    parkedKeys,
    patiently: (read) => read(),
    prepare: async () => said.push('prepare'),
    owned: (group) => said.push(`look at ${group}`),
  });
  const workUnder = (fence: Fence | undefined) => Object.assign(add(1, fromBroker()), { fence });
  return { ownership, parkedKeys, database, said, workUnder };
}

describe('a shard', () => {
  it('is taken when it is known of what its last owner may have died, and looked at then', async () => {
    const { ownership, said } = scene();
    await ownership.assigned('shop', [0]);
    await ownership.assigned('shop', [1]);
    expect(said).toEqual(['prepare', 'own', 'look at shop', 'prepare', 'own', 'look at shop']);
  });
});

describe('a message', () => {
  it('is ours while its shard is owned as it was when the message was taken', async () => {
    const { ownership, workUnder } = scene();
    await ownership.assigned('shop', [0, 1]);
    const work = workUnder(ownership.fenceOf('shop', 0));
    expect(ownership.isOurs(work)).toBe(true);
    ownership.revoked('shop', [0]);
    expect(ownership.isOurs(work)).toBe(false);
    await ownership.assigned('shop', [0]);
    expect(ownership.isOurs(work)).toBe(false);
    expect(ownership.isOurs(workUnder(ownership.fenceOf('shop', 0)))).toBe(true);
    expect(ownership.isOurs(workUnder(undefined))).toBe(false);
  });

  it('of a caller needs no shard', () => {
    expect(scene().ownership.isOurs(add(1, fromCaller()))).toBe(true);
  });

  it('of a shard that was lost since is not ours, but one that was lost before says nothing', async () => {
    const { ownership, workUnder } = scene();
    await ownership.assigned('shop', [0]);
    const old = ownership.fenceOf('shop', 0) as Fence;
    await ownership.assigned('shop', [0]);
    const fence = ownership.fenceOf('shop', 0) as Fence;
    ownership.lost(old);
    expect(ownership.isOurs(workUnder(fence))).toBe(true);
    ownership.lost(fence);
    expect([ownership.isOurs(workUnder(fence)), ownership.of('shop')]).toEqual([false, []]);
  });
});

describe('what is parked on the keys of a shard', () => {
  it('is what the database said last, not what it said to an owner before', async () => {
    const { ownership, parkedKeys, database } = scene();
    await ownership.assigned('shop', [0]);
    let answer: (counts: ReadonlyMap<string, number>) => void = () => undefined;
    database.counts = () => new Promise((resolve) => (answer = resolve));
    const recounted = ownership.recount('shop');
    ownership.revoked('shop', [0]);
    database.counts = async () => new Map([['shop/a', 2]]);
    await ownership.assigned('shop', [0]);
    answer(new Map([['shop/a', 1]]));
    await recounted;
    expect(parkedKeys.on('shop/a')).toBe(2);
    database.counts = async () => new Map();
    await ownership.recount('shop');
    expect(parkedKeys.on('shop/a')).toBe(0);
  });
});
