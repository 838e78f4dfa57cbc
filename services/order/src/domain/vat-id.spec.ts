import { describe, expect, it } from '@jest/globals';
import { isReverseCharged, vatIdFrom } from './vat-id.ts';

/** Ids with a right checksum, of each member state, and of each form that its numbers have. */
const right = [
  'ATU13585627',
  'BE0428759497',
  'BE1000000417',
  'BG175074752',
  'BG7523169263',
  'CY10259033P',
  'CZ25123891',
  'CZ640903926',
  'CZ7103192745',
  'DE136695976',
  'DK13585628',
  'EE100931558',
  'EL094259216',
  'ESA13585625',
  'ESJ99216582',
  'ES54362315K',
  'ESX5253868R',
  'ESM1234567L',
  'FI20774740',
  'FR40303265045',
  'FRK7399859412',
  'HR33392005961',
  'HU12892312',
  'IE6433435F',
  'IE6433435OA',
  'IE8D79739I',
  'IT00743110157',
  'LT119511515',
  'LT100001919017',
  'LU15027442',
  'LV40003521600',
  'LV16117519997',
  'MT11679112',
  'NL004495445B01',
  'PL8567346215',
  'PT501964843',
  'RO18547290',
  'SE123456789701',
  'SI50223054',
  'SK2022749619',
];

/** The id with its third digit changed. */
function misspelt(id: string): string {
  let place = 0;
  return id.replace(/\d/g, (digit) => {
    place += 1;
    return place === 3 ? String((Number(digit) + 1) % 10) : digit;
  });
}

describe('a VAT id', () => {
  it.each(right)('%s is right, and not with another digit', (id) => {
    expect(vatIdFrom(id)).toBe(id);
    expect([misspelt(id), vatIdFrom(misspelt(id))]).toEqual([misspelt(id), undefined]);
  });

  it('of a Dutch sole trader is checked as a whole', () => {
    expect(vatIdFrom('NL123456789B13')).toBe('NL123456789B13');
    expect(vatIdFrom('NL123456789B14')).toBeUndefined();
  });

  it('is known of each of the 27 member states', () => {
    expect(new Set(right.map((id) => id.slice(0, 2))).size).toBe(27);
  });

  it.each([' de 136 695 976 ', 'DE-136.695.976', 'De136695976', 'DE\u00a0136695976'])(
    '%j is taken as it is meant',
    (entered) => {
      expect(vatIdFrom(entered)).toBe('DE136695976');
    },
  );

  it.each([
    '',
    'DE',
    '136695976',
    'GR094259216',
    'GB980780684',
    'CHE107787577MWST',
    'XX136695976',
    'DEDE136695976',
    'DE136695976X',
    'DE1366959761',
    'DE136695976\u200b',
    'DE\uff11\uff13\uff16\uff16\uff19\uff15\uff19\uff17\uff16',
    'FR136695976',
    'NL000000000B00',
    '__proto__',
  ])('%j is none', (entered) => {
    expect(vatIdFrom(entered)).toBeUndefined();
  });
});

describe('reverse charge', () => {
  it.each([
    ['FR', 'FR40303265045', true],
    ['IT', 'FR40303265045', true],
    ['GR', 'EL094259216', true],
    ['FR', 'DE136695976', false],
    ['DE', 'FR40303265045', false],
    ['CH', 'FR40303265045', false],
    ['US', 'FR40303265045', false],
    ['FR', null, false],
  ])('to %s with %s: %s', (country, vatId, expected) => {
    expect(isReverseCharged(country, vatId)).toBe(expected);
  });
});
