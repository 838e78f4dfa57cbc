import { describe, expect, it } from '@jest/globals';
import { Confirmed } from './confirmed.ts';
import { Lane } from './lane.ts';

/** Confirmed numbers of a lane that knows them all. */
function scene(...seqs: readonly number[]) {
  const confirmed = new Confirmed();
  const lane = new Lane('embedded', 0);
  for (const seq of seqs) {
    lane.known.add(seq);
    confirmed.add(seq, lane);
  }
  return { confirmed, known: () => [...lane.known] };
}

describe('a confirmed number', () => {
  it('is taken once, in its order, with no more than are asked for', () => {
    const { confirmed } = scene(1, 2, 3);
    expect([confirmed.take(2), confirmed.size, confirmed.take(2), confirmed.take(2)]).toEqual([
      [1, 2],
      1,
      [3],
      [],
    ]);
  });

  it('is known until it is deleted: as soon as that is told, or two looks later', () => {
    const { confirmed, known } = scene(1, 2, 3);
    confirmed.deleted(confirmed.take(1));
    expect(known()).toEqual([2, 3]);
    confirmed.take(1);
    confirmed.forgetTaken();
    confirmed.take(1);
    expect(known()).toEqual([2, 3]);
    confirmed.forgetTaken();
    expect(known()).toEqual([3]);
    confirmed.forgetTaken();
    expect(known()).toEqual([]);
  });

  it('is known all the same when it was given back, soon or late, and deleted after that', () => {
    for (const looks of [0, 1]) {
      const { confirmed, known } = scene(1);
      const taken = confirmed.take(1);
      for (let look = 0; look < looks; look += 1) confirmed.forgetTaken();
      confirmed.restore(taken);
      for (let look = 0; look < 3; look += 1) confirmed.forgetTaken();
      expect(known()).toEqual([1]);
      confirmed.deleted(confirmed.take(1));
      expect(known()).toEqual([]);
    }
  });
});
