import { describe, expect, it } from '@jest/globals';
import { destinations } from '@waybill/contracts';
import { destinationOf, isInTheUnion } from './countries.ts';
import { taxesOn, taxOn } from './tax.ts';

const rates = { standard: 1_900, reduced: 700, zero: 0 };
describe('tax', () => {
  it.each([
    [50, 100, 0],
    [150, 100, 2],
    [250, 100, 2],
    [251, 100, 3],
    [999_999_999_999, 2_700, 270_000_000_000],
  ])('on %i at %i basis points is %i: half to even', (amount, rate, tax) => {
    expect(taxOn(amount, rate)).toBe(tax);
  });

  it('is rounded once for a class, not once for each of its lines', () => {
    const parts = [2, 2, 2].map((net) => ({ class: 'standard' as const, net }));

    expect(taxesOn(parts, rates)).toEqual([{ class: 'standard', rate: 1_900, net: 6, tax: 1 }]);
  });

  it('has no entry for a class that is not there', () => {
    expect(taxesOn([{ class: 'reduced', net: 100 }], rates)).toEqual([
      { class: 'reduced', rate: 700, net: 100, tax: 7 },
    ]);
    expect(taxesOn([{ class: 'zero', net: 0 }], rates)).toEqual([]);
  });
});

describe('the rates of a country', () => {
  it.each([
    ['DE', 1_900, 700],
    ['FI', 2_550, 1_350],
    ['DK', 2_500, 2_500],
    ['US', 0, 0],
  ])('%s has %i and %i, and no tax on the zero class', (country, standard, reduced) => {
    expect(destinationOf(country)?.rates).toEqual({ standard, reduced, zero: 0 });
  });

  const world = Array.from({ length: 26 * 26 }, (_, i) =>
    String.fromCharCode(65 + Math.floor(i / 26), 65 + (i % 26)),
  );

  it('are known for those that the shop delivers to, and no others', () => {
    expect(world.filter(destinationOf)).toEqual(destinations);
  });

  it('know the 27 members of the Union', () => {
    expect(world.filter(isInTheUnion)).toHaveLength(27);
    expect(['GB', 'CH', 'NO', 'US', 'ZZ'].filter(isInTheUnion)).toEqual([]);
  });
});
