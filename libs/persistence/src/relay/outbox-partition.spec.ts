import { describe, expect, it } from '@jest/globals';
import { OutboxPartition, type Waiting } from './outbox-partition.ts';

const row = (seq: number) => ({ seq }) as Waiting;
const queued = (outboxPartition: OutboxPartition) => outboxPartition.queue.map(({ seq }) => seq);

/** An owned outbox partition that holds all its rows. */
function outboxPartitionOf(...seqs: readonly number[]): OutboxPartition {
  const outboxPartition = new OutboxPartition('embedded', 0);
  outboxPartition.owned = true;
  outboxPartition.beginRead();
  outboxPartition.endRead(seqs.map(row), true);
  return outboxPartition;
}

describe('what is offered to an outbox partition', () => {
  it('is queued once, while the outbox partition is ours, holds all its rows and has room', () => {
    const outboxPartition = outboxPartitionOf(1);
    expect([outboxPartition.offer(row(2), true), outboxPartition.offer(row(2), true)]).toEqual([
      true,
      false,
    ]);
    expect([queued(outboxPartition), outboxPartition.hasUnread]).toEqual([[1, 2], false]);
    outboxPartition.owned = false;
    expect([outboxPartition.offer(row(3), true), queued(outboxPartition)]).toEqual([false, [1, 2]]);
  });

  it('stays in the table when there is no room, with all that comes after it', () => {
    const outboxPartition = outboxPartitionOf();
    expect([outboxPartition.offer(row(1), false), outboxPartition.offer(row(2), true)]).toEqual([
      false,
      false,
    ]);
    expect([outboxPartition.hasUnread, queued(outboxPartition)]).toEqual([true, []]);
  });

  it('while the table is read completes what that has found', () => {
    const outboxPartition = outboxPartitionOf();
    outboxPartition.rewind();
    outboxPartition.beginRead();
    for (const seq of [2, 3]) expect(outboxPartition.offer(row(seq), true)).toBe(false);
    outboxPartition.endRead([row(1), row(2)], true);
    expect([queued(outboxPartition), outboxPartition.hasUnread]).toEqual([[1, 2, 3], false]);
  });

  it('while the table is read is read again when it had no room, or when the table has more', () => {
    for (const [room, all] of [
      [false, true],
      [true, false],
    ] as const) {
      const outboxPartition = outboxPartitionOf();
      outboxPartition.rewind();
      outboxPartition.beginRead();
      outboxPartition.offer(row(3), room);
      outboxPartition.endRead([row(1)], all);
      expect([queued(outboxPartition), outboxPartition.hasUnread]).toEqual([[1], true]);
    }
  });
});

describe('a read of the table', () => {
  it('counts for nothing when the outbox partition was lost, stopped or rewound meanwhile', () => {
    const meanwhile: ((outboxPartition: OutboxPartition) => void)[] = [
      (outboxPartition) => Object.assign(outboxPartition, { owned: false }),
      (outboxPartition) => Object.assign(outboxPartition, { paused: true }),
      (outboxPartition) => outboxPartition.rewind(),
    ];
    for (const happen of meanwhile) {
      const outboxPartition = outboxPartitionOf();
      outboxPartition.rewind();
      outboxPartition.beginRead();
      happen(outboxPartition);
      outboxPartition.endRead([row(1)], true);
      expect([queued(outboxPartition), outboxPartition.hasUnread]).toEqual([[], true]);
    }
  });

  it('is wanted by an outbox partition of ours that has nothing queued and could take some', () => {
    const wants = (parts: Partial<OutboxPartition>, ...seqs: readonly number[]) => {
      const outboxPartition = outboxPartitionOf(...seqs);
      Object.assign(outboxPartition, { hasUnread: true, ...parts });
      return outboxPartition.wantsToRead(10);
    };
    expect(wants({})).toBe(true);
    expect(wants({ inFlight: 9 })).toBe(true);
    const not = [
      wants({ hasUnread: false }),
      wants({ owned: false }),
      wants({ paused: true }),
      wants({ inFlight: 10 }),
      wants({}, 1),
    ];
    expect(not).toEqual(Array(5).fill(false));
  });
});

describe('what an outbox partition publishes', () => {
  it('is the next rows in order, as many as may be in flight', () => {
    const outboxPartition = outboxPartitionOf(1, 2, 3, 4);
    expect(outboxPartition.take(3).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect([outboxPartition.inFlight, outboxPartition.take(3)]).toEqual([3, []]);
    outboxPartition.inFlight = 1;
    expect(outboxPartition.take(3).map(({ seq }) => seq)).toEqual([4]);
  });

  it('is little after an error, and nothing while it is stopped or not ours', () => {
    const seqs = Array.from({ length: 50 }, (_, seq) => seq);
    const outboxPartition = outboxPartitionOf(...seqs);
    outboxPartition.failures = 1;
    expect(outboxPartition.take(50)).toHaveLength(16);
    const stopped = Object.assign(outboxPartitionOf(1), { paused: true });
    const lost = Object.assign(outboxPartitionOf(1), { owned: false });
    expect([stopped.take(1), lost.take(1)]).toEqual([[], []]);
  });
});

it('an outbox partition that is rewound forgets what is queued, and still knows what is in flight', () => {
  const outboxPartition = outboxPartitionOf(1, 2);
  outboxPartition.take(1);
  outboxPartition.rewind();
  expect([queued(outboxPartition), [...outboxPartition.known], outboxPartition.hasUnread]).toEqual([
    [],
    [1],
    true,
  ]);
});
