import { describe, expect, it } from '@jest/globals';
import { Lane, type Waiting } from './lane.ts';

const row = (seq: number) => ({ seq }) as Waiting;
const queued = (lane: Lane) => lane.queue.map(({ seq }) => seq);

/** An owned outbox partition that holds all its rows. */
function laneOf(...seqs: readonly number[]): Lane {
  const lane = new Lane('embedded', 0);
  lane.owned = true;
  lane.beginRead();
  lane.endRead(seqs.map(row), true);
  return lane;
}

describe('what is offered to a lane', () => {
  it('is queued once, while the lane is ours, holds all its rows and has room', () => {
    const lane = laneOf(1);
    expect([lane.offer(row(2), true), lane.offer(row(2), true)]).toEqual([true, false]);
    expect([queued(lane), lane.behind]).toEqual([[1, 2], false]);
    lane.owned = false;
    expect([lane.offer(row(3), true), queued(lane)]).toEqual([false, [1, 2]]);
  });

  it('stays in the table when there is no room, with all that comes after it', () => {
    const lane = laneOf();
    expect([lane.offer(row(1), false), lane.offer(row(2), true)]).toEqual([false, false]);
    expect([lane.behind, queued(lane)]).toEqual([true, []]);
  });

  it('while the table is read completes what that has found', () => {
    const lane = laneOf();
    lane.rewind();
    lane.beginRead();
    for (const seq of [2, 3]) expect(lane.offer(row(seq), true)).toBe(false);
    lane.endRead([row(1), row(2)], true);
    expect([queued(lane), lane.behind]).toEqual([[1, 2, 3], false]);
  });

  it('while the table is read is read again when it had no room, or when the table has more', () => {
    for (const [room, all] of [
      [false, true],
      [true, false],
    ] as const) {
      const lane = laneOf();
      lane.rewind();
      lane.beginRead();
      lane.offer(row(3), room);
      lane.endRead([row(1)], all);
      expect([queued(lane), lane.behind]).toEqual([[1], true]);
    }
  });
});

describe('a read of the table', () => {
  it('counts for nothing when the lane was lost, stopped or rewound meanwhile', () => {
    const meanwhile: ((lane: Lane) => void)[] = [
      (lane) => Object.assign(lane, { owned: false }),
      (lane) => Object.assign(lane, { paused: true }),
      (lane) => lane.rewind(),
    ];
    for (const happen of meanwhile) {
      const lane = laneOf();
      lane.rewind();
      lane.beginRead();
      happen(lane);
      lane.endRead([row(1)], true);
      expect([queued(lane), lane.behind]).toEqual([[], true]);
    }
  });

  it('is wanted by a lane of ours that has nothing queued and could take some', () => {
    const wants = (parts: Partial<Lane>, ...seqs: readonly number[]) => {
      const lane = laneOf(...seqs);
      Object.assign(lane, { behind: true, ...parts });
      return lane.wantsToRead(10);
    };
    expect(wants({})).toBe(true);
    expect(wants({ inFlight: 9 })).toBe(true);
    const not = [
      wants({ behind: false }),
      wants({ owned: false }),
      wants({ paused: true }),
      wants({ inFlight: 10 }),
      wants({}, 1),
    ];
    expect(not).toEqual(Array(5).fill(false));
  });
});

describe('what a lane publishes', () => {
  it('is the next rows in order, as many as may be in flight', () => {
    const lane = laneOf(1, 2, 3, 4);
    expect(lane.take(3).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect([lane.inFlight, lane.take(3)]).toEqual([3, []]);
    lane.inFlight = 1;
    expect(lane.take(3).map(({ seq }) => seq)).toEqual([4]);
  });

  it('is little after an error, and nothing while it is stopped or not ours', () => {
    const seqs = Array.from({ length: 50 }, (_, seq) => seq);
    const lane = laneOf(...seqs);
    lane.failures = 1;
    expect(lane.take(50)).toHaveLength(16);
    const stopped = Object.assign(laneOf(1), { paused: true });
    const lost = Object.assign(laneOf(1), { owned: false });
    expect([stopped.take(1), lost.take(1)]).toEqual([[], []]);
  });
});

it('a lane that is rewound forgets what is queued, and still knows what is in flight', () => {
  const lane = laneOf(1, 2);
  lane.take(1);
  lane.rewind();
  expect([queued(lane), [...lane.known], lane.behind]).toEqual([[], [1], true]);
});
