import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ListQueue } from '../list-queue.ts';
import type { PriorityQueue, QueuedItem, WorkPriority } from '../priority-queue.ts';
import type { WorkQueues } from '../work-queues.ts';

/** Longer than a test. */
const long = 60_000;

const item = (id: string, priority: WorkPriority = 'normal', dueIn?: number): QueuedItem => ({
  id,
  priority,
  ...(dueIn === undefined ? {} : { dueAt: new Date(Date.now() + dueIn) }),
});

async function idsOf(queue: PriorityQueue, count: number, wait = 0): Promise<string[]> {
  return (await queue.take(count, { lease: long, wait })).map(({ id }) => id);
}

/** What every implementation of the queues promises. `open` returns queues of one more process. */
export function queueTests(name: string, open: () => Promise<WorkQueues>): void {
  describe(`the queues of ${name}`, () => {
    let queues: WorkQueues;
    let queue: PriorityQueue;
    let list: ListQueue;
    beforeEach(async () => {
      queues = await open();
      queue = queues.priority(randomUUID());
      list = queues.list(randomUUID());
    });
    afterEach(() => queues.close());

    it('give the most urgent first, and what is equally urgent in the order in which it came', async () => {
      await queue.add([item('n1'), item('l1', 'low'), item('n2'), item('c1', 'critical')]);
      await queue.add([item('h1', 'high'), item('n3'), item('c2', 'critical')]);
      expect(await queue.peek(3)).toEqual(['c1', 'c2', 'h1']);
      expect(await idsOf(queue, 2)).toEqual(['c1', 'c2']);
      expect(await idsOf(queue, 9)).toEqual(['h1', 'n1', 'n2', 'n3', 'l1']);
    });

    it('give an entry to one worker, and it is gone once that acks it', async () => {
      await queue.add([item('a')]);
      const taken = await queue.take(5, { lease: long });
      expect(await idsOf(queue, 5)).toEqual([]);
      expect(await queue.size()).toEqual({ ready: 0, later: 0, leased: 1 });
      expect(await queue.ack(taken)).toBe(1);
      expect(await queue.ack(taken)).toBe(0);
      expect(await queue.size()).toEqual({ ready: 0, later: 0, leased: 0 });
    });

    it('give an entry whose worker crashed to another one, in its old place, and the late ack of the first has no effect', async () => {
      await queue.add([item('a'), item('b')]);
      const crashed = await queue.take(1, { lease: 50 });
      const [again] = await queue.take(1, { lease: long });
      expect(again?.id).toBe('b');
      const [first] = await queue.take(1, { lease: long, wait: 5_000 });
      expect(first?.id).toBe('a');
      expect(await queue.ack(crashed)).toBe(0);
      expect(await queue.ack(first ? [first] : [])).toBe(1);
    });

    it('give nothing before it is due, and wake who waits then', async () => {
      await queue.add([item('later', 'critical', 150)]);
      expect(await idsOf(queue, 1)).toEqual([]);
      expect(await queue.size()).toMatchObject({ ready: 0, later: 1 });
      expect(await idsOf(queue, 1, 5_000)).toEqual(['later']);
    });

    it('wake who waits when something comes', async () => {
      const waiting = idsOf(queue, 1, 5_000);
      await queue.add([item('a')]);
      expect(await waiting).toEqual(['a']);
    });

    it('end a wait that nobody needs any more', async () => {
      const leaving = new AbortController();
      const waiting = queue.take(1, { lease: long, wait: long, signal: leaving.signal });
      leaving.abort();
      expect(await waiting).toEqual([]);
    });

    it('have an id once: adding it again changes its priority or its time, and nothing while it is taken', async () => {
      await queue.add([item('a'), item('b'), item('c', 'low')]);
      await queue.add([item('a'), item('c', 'high')]);
      expect(await queue.peek(9)).toEqual(['c', 'a', 'b']);
      await queue.add([item('a', 'normal', long)]);
      expect(await queue.peek(9)).toEqual(['c', 'b']);
      const taken = await queue.take(1, { lease: long });
      await queue.add([item('c', 'high')]);
      expect(await queue.size()).toEqual({ ready: 1, later: 1, leased: 1 });
      expect(await queue.ack(taken)).toBe(1);
      expect(await queue.peek(9)).toEqual(['b']);
    });

    it('share entries among workers: each is taken once', async () => {
      const ids = Array.from({ length: 1_200 }, (_, n) => `entry-${n}`);
      await queue.add(ids.map((id) => item(id)));
      const taken = await Promise.all(Array.from({ length: 30 }, () => idsOf(queue, 40)));
      expect(taken.flat().sort()).toEqual(ids.sort());
    });

    it('give nothing while they are paused', async () => {
      await queue.pause();
      await queue.add([item('a')]);
      expect(await idsOf(queue, 1)).toEqual([]);
      const waiting = idsOf(queue, 1, 5_000);
      await queue.resume();
      expect(await waiting).toEqual(['a']);
    });

    it('are empty once they are cleared', async () => {
      await queue.add([item('a'), item('b', 'low', long), item('c')]);
      const taken = await queue.take(1, { lease: long });
      await queue.clear();
      expect(await queue.size()).toEqual({ ready: 0, later: 0, leased: 0 });
      expect(await queue.ack(taken)).toBe(0);
      await queue.add([item('a')]);
      expect(await idsOf(queue, 1)).toEqual(['a']);
    });

    it('have lists, first in, first out', async () => {
      await list.push(['a', 'b']);
      await list.push(['c']);
      expect(await list.size()).toBe(3);
      expect([await list.pop(), await list.pop(), await list.pop(10)]).toEqual(['a', 'b', 'c']);
      expect(await list.pop()).toBeUndefined();
      expect(await list.pop(10)).toBeUndefined();
    });

    it('wake who waits for a value of a list', async () => {
      const waiting = list.pop(400);
      await list.push(['a', 'b']);
      expect(await waiting).toBe('a');
      expect(await list.size()).toBe(1);
    });
  });
}
