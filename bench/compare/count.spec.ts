import { expect, it } from '@jest/globals';
import { countOf, latenciesOf, perSecond } from './count.ts';
import type { Entry } from './entry.ts';

const entry = (key: string, seq: number, at = 0): Entry => ({ key, seq, at });
const sent = [entry('a', 0), entry('b', 1), entry('a', 2), entry('b', 3), entry('a', 4)];

it('counts nothing wrong when every message came once, in order of its key', () => {
  const received = [sent[1], sent[0], sent[2], sent[3], sent[4]] as Entry[];
  expect(countOf(sent, received)).toEqual({ confirmed: 5, lost: 0, duplicated: 0, outOfOrder: 0 });
});

it('counts a confirmed message that never came as lost, and one that came unconfirmed as nothing', () => {
  const received = [...sent.slice(0, 4), entry('c', 9)];
  expect(countOf(sent, received)).toMatchObject({ confirmed: 5, lost: 1, duplicated: 0 });
});

it('counts a redelivery as a duplicate and not as out of order', () => {
  const received = [entry('a', 0), entry('a', 2), entry('a', 0), entry('a', 2), entry('a', 4)];
  expect(countOf([], received)).toEqual({ confirmed: 0, lost: 0, duplicated: 2, outOfOrder: 0 });
});

it('counts a message after a later one of its key, and only that one', () => {
  const received = [entry('a', 4), entry('a', 0), entry('b', 1), entry('a', 5)];
  expect(countOf([], received)).toMatchObject({ outOfOrder: 1, duplicated: 0 });
});

it('measures from the publication to the first receipt, and over all of them', () => {
  const published = [entry('a', 0, 100), entry('a', 1, 200), entry('a', 2, 300)];
  const received = [entry('a', 0, 110), entry('a', 1, 600), entry('a', 1, 900)];
  expect(latenciesOf(published, received)).toEqual([10, 400]);
  expect(perSecond(published, received.slice(0, 2))).toBe(4);
  expect(perSecond(published, [])).toBeNaN();
});
