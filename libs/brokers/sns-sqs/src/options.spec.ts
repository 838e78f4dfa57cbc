import { expect, it } from '@jest/globals';
import { knobsOf } from './options.ts';

it('a knob that is not turned has its default', () => {
  expect(knobsOf({ service: 'shop', waitSeconds: 20 })).toEqual({
    waitSeconds: 20,
    visibilitySeconds: 10,
    holdSeconds: 39_600,
    leaseSeconds: 8,
    maxReceives: 1_000,
    receivers: 4,
    gatherMs: 50,
    drainMs: 5_000,
  });
});

it.each([
  ['waitSeconds', 21],
  ['waitSeconds', 0],
  ['visibilitySeconds', 1.5],
  ['receivers', Number.NaN],
  ['holdSeconds', 43_200],
])('%s cannot be %d', (name, value) => {
  expect(() => knobsOf({ service: 'shop', [name]: value })).toThrow(
    new RegExp(`^${name} is ${value}, but must be a whole number from`),
  );
});
