import { describe, expect, it } from '@jest/globals';
import type { Decider } from '@waybill/event-store';
import { deciderSpec } from './decider-spec.ts';
import { permutationsOf } from './permutations.ts';
import { seededRandom } from './seeded-random.ts';

type Turned = { readonly type: 'turned'; readonly data: { readonly on: boolean } };
const lamp: Decider<boolean, 'on' | 'off' | 'smash', Turned> = {
  initial: false,
  decide: (isOn, command) => {
    if (command === 'smash') throw new RangeError('not this one');
    return isOn === (command === 'on') ? [] : [{ type: 'turned', data: { on: !isOn } }];
  },
  evolve: (_, event) => event.data.on,
};
const turnedOn: Turned = { type: 'turned', data: { on: true } };

describe('the spec of a decider', () => {
  it('folds what was given, decides, and compares the events', () => {
    const spec = deciderSpec(lamp);
    expect(spec.when('on').thenEvents(turnedOn).state).toBe(true);
    spec.given(turnedOn).when('on').thenNothing();
    spec.whenRefused('smash', RangeError);
    expect(() => spec.when('on').thenNothing()).toThrow();
    expect(() => spec.whenRefused('on', RangeError)).toThrow();
  });
});

it('lists every order of a few things', () => {
  expect(permutationsOf([1, 2, 3])).toEqual([
    [1, 2, 3],
    [1, 3, 2],
    [2, 1, 3],
    [2, 3, 1],
    [3, 1, 2],
    [3, 2, 1],
  ]);
  expect(permutationsOf([])).toEqual([[]]);
});

it('repeats chance from its seed', () => {
  const draws = (seed: number) => {
    const random = seededRandom(seed);
    return [random.next(), random.below(10), random.pick(['a', 'b']), random.shuffled([1, 2, 3])];
  };
  expect(draws(7)).toEqual(draws(7));
  expect(draws(7)).not.toEqual(draws(8));
  const random = seededRandom(1);
  const drawn = Array.from({ length: 10_000 }, () => random.below(10));
  const counts = drawn.reduce<number[]>((sum, n) => {
    sum[n] = (sum[n] ?? 0) + 1;
    return sum;
  }, []);
  expect(Math.min(...counts)).toBeGreaterThan(850);
  expect(Math.max(...counts)).toBeLessThan(1_150);
});
