import { describe, expect, it } from '@jest/globals';
import { newId } from '@waybill/message';
import { DeferredRows } from './deferred-rows.ts';
import { KeyQueue } from './key-queue.ts';
import { silentObserver } from './observer.ts';
import { Ready } from './ready.ts';
import type { DeferredRow } from './store.ts';
import { HandClock } from './testing/hand-clock.ts';
import { add } from './testing/works.fixture.ts';

const rowOf = (parts: Partial<DeferredRow> = {}) =>
  ({
    group: 'shop',
    messageId: newId(),
    key: 'a',
    dueAt: null,
    reason: 'behind',
    ...parts,
  }) as DeferredRow;

/** Deferred messages of a table that returns the test's `due` and `parkedOf`. */
class Scene {
  readonly clock = new HandClock();
  readonly ready = new Ready(this.clock, { isAwaited: () => true });
  readonly queue = new KeyQueue(
    this.clock,
    { callsExternally: () => false, isFaulty: () => false },
    this.ready,
  );
  readonly taken: DeferredRow[] = [];
  readonly troubles: (string | undefined)[] = [];
  looks = 0;
  due: (group: string) => Promise<readonly DeferredRow[]> = async () => [];
  deferredOf: readonly DeferredRow[] = [];
  readonly rows: DeferredRows;

  constructor(groups: readonly string[] = ['shop']) {
    this.rows = new DeferredRows({
      store: {
        due: (group) => {
          this.looks += 1;
          return this.due(group);
        },
        deferredOf: async () => this.deferredOf,
      },
      clock: this.clock,
      observer: { ...silentObserver, trouble: ({ group }) => this.troubles.push(group) },
      queue: this.queue,
      ownership: { of: (group) => (group === 'elsewhere' ? [] : [0]), fenceOf: () => undefined },
      intake: { deferred: (row) => this.taken.push(row) },
      groups,
    });
  }

  /** A message is settled, so that the messages deferred on its key are free. */
  free(): void {
    this.queue.settled({ work: add(1), outcome: 'applied', deferredChange: 0 });
    this.rows.goOn();
  }

  /** A taken message is released. */
  letGo(row: DeferredRow): void {
    this.queue.drop(add(1, { from: 'parked', row }));
    this.rows.goOn();
  }

  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    for (let turn = 0; turn < 5; turn += 1) await new Promise((next) => setImmediate(next));
  }
}

describe('the turn of a deferred message', () => {
  it('comes when what was before it is through', async () => {
    const scene = new Scene();
    scene.deferredOf = [rowOf(), rowOf()];
    scene.free();
    await scene.pass(0);
    expect(scene.taken).toEqual([]);
    scene.queue.recount('shop', 0, new Map([['shop/a', 2]]));
    scene.free();
    await scene.pass(0);
    expect(scene.taken).toEqual(scene.deferredOf);
  });

  it('comes once until it is let go, whoever finds it', async () => {
    const scene = new Scene();
    const row = rowOf();
    scene.due = async () => [row];
    await scene.rows.poll();
    await scene.rows.poll();
    expect(scene.taken).toEqual([row]);
    scene.letGo(row);
    await scene.rows.poll();
    expect(scene.taken).toEqual([row, row]);
  });

  it('comes not any more when the service stops, also for those that were just looked for', async () => {
    const scene = new Scene();
    scene.rows.start();
    let found: (rows: readonly DeferredRow[]) => void = () => undefined;
    scene.due = () => new Promise((resolve) => (found = resolve));
    const polled = scene.rows.poll();
    scene.rows.stop();
    found([rowOf()]);
    await polled;
    await scene.pass(10_000);
    expect([scene.taken, scene.looks]).toEqual([[], 1]);
  });
});

describe('the look for due messages', () => {
  it('is made each second, for the groups that have partitions here', async () => {
    const scene = new Scene(['shop', 'elsewhere']);
    scene.rows.start();
    for (let second = 0; second < 3; second += 1) await scene.pass(1_000);
    expect(scene.looks).toBe(3);
  });

  it('goes on with the other groups when one cannot be read', async () => {
    const scene = new Scene(['broken', 'shop']);
    scene.due = async (group) => {
      if (group === 'broken') throw new Error('no table');
      return [rowOf()];
    };
    await scene.rows.poll();
    expect([scene.troubles, scene.taken.length]).toEqual([['broken'], 1]);
  });

  it('is made again at once, when it did not see all, as soon as half of that is done', async () => {
    const scene = new Scene();
    const rows = Array.from({ length: 200 }, () => rowOf());
    scene.due = async () => rows;
    await scene.rows.poll();
    scene.due = async () => [];
    for (const row of rows.slice(0, 99)) scene.letGo(row);
    await scene.pass(50);
    expect(scene.looks).toBe(1);
    for (const row of rows.slice(99)) scene.letGo(row);
    await scene.pass(50);
    expect(scene.looks).toBe(2);
  });

  it('is left to the next second when it saw all', async () => {
    const scene = new Scene();
    const row = rowOf();
    scene.due = async () => [row];
    await scene.rows.poll();
    scene.letGo(row);
    await scene.pass(500);
    expect(scene.looks).toBe(1);
  });
});
