import { describe, expect, it } from '@jest/globals';
import { cheapestFirst, type Offer, type RateKey, RateTable } from './rate-table.ts';
import { weightBandOf } from './weight-band.ts';
import { zoneOf } from './zone.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 2, 1) + seconds * 1_000);
const key: RateKey = { carrier: 'heron', zone: 'union', weightBand: 1_000, method: 'standard' };
const rate = { cost: { amount: 1_000, currency: 'EUR' }, days: 5 };

describe('the rate table', () => {
  it('knows a rate for as long as it is fresh', () => {
    const table = new RateTable(60_000);
    table.put(key, rate, at(0));
    expect(table.find(key, at(59))).toEqual(rate);
    expect(table.find(key, at(60))).toBeUndefined();
  });

  it('tells "does not serve" from "nobody asked"', () => {
    const table = new RateTable(60_000);
    table.put(key, null, at(0));
    expect(table.find(key, at(1))).toBeNull();
    expect(table.find({ ...key, method: 'express' }, at(1))).toBeUndefined();
  });
});

describe('offers', () => {
  const offer = (carrier: string, amount: number, days: number): Offer => ({
    carrier,
    days,
    method: 'standard',
    cost: { amount, currency: 'EUR' },
  });

  it('are sorted by price, then time, then name, whatever order they came in', () => {
    const sorted = [offer('c', 1, 9), offer('d', 2, 1), offer('a', 2, 2), offer('b', 2, 2)];
    expect(cheapestFirst(sorted.toReversed())).toEqual(sorted);
  });
});

describe('a parcel', () => {
  it.each([
    ['DE', 'domestic'],
    ['FR', 'union'],
    ['CH', 'europe'],
    ['US', 'world'],
    ['ZZ', 'world'],
  ])('to %s goes to the zone "%s" from Germany', (country, zone) => {
    expect(zoneOf(country, 'DE')).toBe(zone);
  });

  it.each([
    [0, 500],
    [500, 500],
    [501, 1_000],
    [31_500, 31_500],
    [1_000_000, 1_000_000],
    [1_000_001, undefined],
  ])('of %d g is in the band %s', (grams, band) => {
    expect(weightBandOf(grams)).toBe(band);
  });
});
