import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { event } from './contract.ts';
import { InvalidMessage, parseData, readData } from './data.ts';

const Moved = event('parcel.moved', {
  summary: 'A parcel moved.',
  version: 3,
  schema: z.strictObject({
    to: z.strictObject({ city: z.string() }),
    grams: z.int(),
    stops: z.array(z.strictObject({ city: z.string() })).optional(),
  }),
  key: (data) => data.to.city,
  upcasters: {
    1: (old: { city: string; kilos: number }) => ({ to: { city: old.city }, kilos: old.kilos }),
    2: ({ kilos, ...rest }: { to: object; kilos: number }) => ({ ...rest, grams: kilos * 1000 }),
  },
});

describe('reading data', () => {
  it('drops properties that a newer publisher has added, at any depth', () => {
    const data = {
      to: { city: 'Rome', zip: '1' },
      grams: 5,
      mood: 'fine',
      stops: [{ city: 'A', x: 1 }],
    };
    expect(parseData(Moved, data)).toEqual({
      to: { city: 'Rome' },
      grams: 5,
      stops: [{ city: 'A' }],
    });
    expect(data).toHaveProperty('mood');
  });

  it('refuses everything else that is wrong', () => {
    expect(() => parseData(Moved, { to: { city: 'Rome' }, grams: '5', mood: 1 })).toThrow(/grams/);
    expect(() => parseData(Moved, null)).toThrow(InvalidMessage);
  });

  it('lifts old versions one after the other', () => {
    const expected = { to: { city: 'Rome' }, grams: 2000 };
    expect(readData(Moved, 1, { city: 'Rome', kilos: 2 })).toEqual(expected);
    expect(readData(Moved, 2, { to: { city: 'Rome' }, kilos: 2 })).toEqual(expected);
    expect(readData(Moved, 3, expected)).toEqual(expected);
  });

  it('says which upcaster is missing', () => {
    expect(() => readData(Moved, 0, {})).toThrow(/no upcaster from version 0/);
  });
});
