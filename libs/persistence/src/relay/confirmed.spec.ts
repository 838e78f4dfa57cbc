import { describe, expect, it } from '@jest/globals';
import { AccountedSeqs } from './confirmed.ts';

const from = (seq: number): AccountedSeqs => {
  const seqs = new AccountedSeqs();
  seqs.begin(seq);
  return seqs;
};

describe('the numbers of an outbox', () => {
  it('are all accounted for while one process alone takes them', () => {
    const seqs = from(10);
    seqs.add([11, 12]);
    seqs.add([13]);
    expect([seqs.upTo, seqs.known(), seqs.isMissingBelow(14)]).toEqual([13, [], false]);
  });

  it('show by a gap that another process has written', () => {
    const seqs = from(10);
    seqs.add([12, 13]);
    expect([seqs.upTo, seqs.isMissingBelow(12)]).toEqual([10, true]);
    seqs.add([11]);
    expect([seqs.upTo, seqs.isMissingBelow(14)]).toEqual([13, false]);
  });

  it('that no look has found are waited for until every transaction of that time has ended', () => {
    const seqs = from(10);
    seqs.add([12]);
    seqs.looked(12, { oldest: 90n, next: 100n });
    expect(seqs.isMissingBelow(12)).toBe(true);
    seqs.add([14]);
    seqs.looked(14, { oldest: 99n, next: 105n });
    expect(seqs.isMissingBelow(12)).toBe(true);
    seqs.looked(14, { oldest: 100n, next: 106n });
    expect([seqs.upTo, seqs.isMissingBelow(14)]).toEqual([12, true]);
    seqs.looked(14, { oldest: 106n, next: 106n });
    expect([seqs.upTo, seqs.known()]).toEqual([14, []]);
  });
});
