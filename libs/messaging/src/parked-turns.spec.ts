import { describe, expect, it } from '@jest/globals';
import { newId } from '@waybill/message';
import { silentObserver } from './observer.ts';
import { ParkedKeys } from './parked-keys.ts';
import { ParkedTurns } from './parked-turns.ts';
import type { ParkedRow } from './store.ts';
import { HandClock } from './testing/hand-clock.ts';
import type { Work } from './work.ts';

const work = { group: 'shop', keyId: 'shop/a', envelope: { key: 'a' } } as unknown as Work;
const rowOf = (parts: Partial<ParkedRow> = {}) =>
  ({
    group: 'shop',
    messageId: newId(),
    key: 'a',
    dueAt: null,
    reason: 'behind',
    ...parts,
  }) as ParkedRow;

/** Turns over a table that says what `due` and `parkedOf` say. */
class Scene {
  readonly clock = new HandClock();
  readonly parkedKeys = new ParkedKeys();
  readonly taken: ParkedRow[] = [];
  readonly troubles: (string | undefined)[] = [];
  readonly miscounted: string[] = [];
  groups = ['shop'];
  looks = 0;
  due: (group: string) => Promise<readonly ParkedRow[]> = async () => [];
  parkedOf: readonly ParkedRow[] = [];
  readonly turns = new ParkedTurns({
    store: {
      due: (group) => {
        this.looks += 1;
        return this.due(group);
      },
      parkedOf: async () => this.parkedOf,
    },
    clock: this.clock,
    observer: { ...silentObserver, trouble: ({ group }) => this.troubles.push(group) },
    parkedKeys: this.parkedKeys,
    groups: () => this.groups,
    shardsOf: (group) => (group === 'elsewhere' ? [] : [0]),
    take: (row) => this.taken.push(row),
    miscounted: (group) => this.miscounted.push(group),
  });

  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    for (let turn = 0; turn < 5; turn += 1) await new Promise((next) => setImmediate(next));
  }
}

describe('the turn of a parked message', () => {
  it('comes when those before it are through, up to the first that waits for something', async () => {
    const scene = new Scene();
    const soon = new Date(scene.clock.now().getTime() + 1).toISOString();
    const now = scene.clock.now().toISOString();
    const inHand = rowOf();
    scene.turns.hold(inHand);
    const waiting = [
      rowOf({ reason: 'held' }),
      rowOf({ reason: 'asking' }),
      rowOf({ dueAt: soon }),
      inHand,
    ];
    for (const waits of waiting) {
      const first = [rowOf(), rowOf({ dueAt: now, reason: 'retry' })];
      scene.parkedOf = [...first, waits, rowOf()];
      scene.turns.drain(work);
      await scene.pass(0);
      expect(scene.taken.splice(0)).toEqual(first);
    }
  });

  it('comes once until it is let go, whoever finds it', async () => {
    const scene = new Scene();
    const row = rowOf();
    scene.due = async () => [row];
    await scene.turns.poll();
    await scene.turns.poll();
    expect(scene.taken).toEqual([row]);
    scene.turns.letGo(row);
    await scene.turns.poll();
    expect(scene.taken).toEqual([row, row]);
  });

  it('comes not any more when the service stops, also for those that were just looked for', async () => {
    const scene = new Scene();
    scene.turns.start();
    let found: (rows: readonly ParkedRow[]) => void = () => undefined;
    scene.due = () => new Promise((resolve) => (found = resolve));
    const polled = scene.turns.poll();
    scene.turns.stop();
    found([rowOf()]);
    await polled;
    await scene.pass(10_000);
    expect([scene.taken, scene.looks]).toEqual([[], 1]);
  });
});

describe('the look for due messages', () => {
  it('is made each second, for the groups that have shards here', async () => {
    const scene = new Scene();
    scene.groups = ['shop', 'elsewhere'];
    scene.turns.start();
    for (let second = 0; second < 3; second += 1) await scene.pass(1_000);
    expect(scene.looks).toBe(3);
  });

  it('goes on with the other groups when one cannot be read', async () => {
    const scene = new Scene();
    scene.groups = ['broken', 'shop'];
    scene.due = async (group) => {
      if (group === 'broken') throw new Error('no table');
      return [rowOf()];
    };
    await scene.turns.poll();
    expect([scene.troubles, scene.taken.length]).toEqual([['broken'], 1]);
  });

  it('is made again at once, when it did not see all, as soon as half of that is done', async () => {
    const scene = new Scene();
    const rows = Array.from({ length: 200 }, () => rowOf());
    scene.due = async () => rows;
    await scene.turns.poll();
    scene.due = async () => [];
    for (const row of rows.slice(0, 99)) scene.turns.letGo(row);
    await scene.pass(50);
    expect(scene.looks).toBe(1);
    for (const row of rows.slice(99)) scene.turns.letGo(row);
    await scene.pass(50);
    expect(scene.looks).toBe(2);
  });

  it('is left to the next second when it saw all', async () => {
    const scene = new Scene();
    const row = rowOf();
    scene.due = async () => [row];
    await scene.turns.poll();
    scene.turns.letGo(row);
    await scene.pass(500);
    expect(scene.looks).toBe(1);
  });
});

describe('a key of which nothing is parked any more', () => {
  it('is counted again when it was thought to have some', async () => {
    const scene = new Scene();
    scene.turns.drain(work);
    await scene.pass(0);
    expect(scene.miscounted).toEqual([]);
    scene.parkedKeys.change('shop/a', 0, 1);
    scene.turns.drain(work);
    await scene.pass(0);
    expect(scene.miscounted).toEqual(['shop']);
  });
});
