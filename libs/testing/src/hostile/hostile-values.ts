const digits = '9'.repeat(400);
const place = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Texts that have broken some API, in whatever place they were sent. */
const texts: readonly string[] = [
  ' ',
  '%',
  '\\',
  "'; drop table orders; --",
  '../../etc/passwd',
  '__proto__',
  'constructor',
  'null',
  '{}',
  'Ame\u0301lie',
  '李雷 👋',
  '\u202e\u200b',
  '\uffff',
  '0',
  '-1',
  '1e308',
];

const numbers = [
  '-0',
  '+1',
  '1.5',
  '1e3',
  '0x10',
  '1_000',
  '١',
  'NaN',
  'Infinity',
  digits,
  '2147483648',
  '9007199254740993',
  '9223372036854775808',
];

const lengthsOfTime = [
  '99999999999h',
  '36501d',
  '0s',
  '-1s',
  '0.0001ms',
  `${digits}ms`,
  '1e9d',
  'PT1S',
];

const moments = [
  '0000-01-01T00:00:00Z',
  '1969-12-31T23:59:59Z',
  '9999-12-31T23:59:59.999Z',
  '+275760-09-13T00:00:00.001Z',
  '2026-02-30T00:00:00Z',
  '2026-06-30T23:59:60Z',
  '2026-01-01T00:00:00+99:99',
  `2026-01-01T00:00:00.${digits}Z`,
  '2026-01-01',
];

const idsAndPlaces = [
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  'order.00000000-0000-0000-0000-000000000000',
  'order.x',
  place('\u0000'),
  place({ at: '0000-01-01T00:00:00Z', id: '\u0000' }),
  place(['x', '\ud800']),
  place(1e308),
  '====',
  'x'.repeat(5_000),
];

/** Escapes that no text produces: they are not UTF-8, or cannot be stored. */
export const badEscapes = ['%00', 'a%00b', '%ff', '%c0%af', '%ed%a0%80'];

/** Values for a part of a URL, in escaped form. */
export const urlValues: readonly string[] = [
  ...[...texts, ...numbers, ...lengthsOfTime, ...moments, ...idsAndPlaces].map(encodeURIComponent),
  ...badEscapes,
  '%u0000',
  '%',
];

/** Values for a header. */
export const headerValues: readonly string[] = [
  '',
  ',',
  '"',
  ...texts.filter((text) => /^[\x20-\x7e]*$/.test(text)),
  'x'.repeat(256),
  'caf\u00e9 \u00ff',
];

/** Values for a field of a body or a claim, as JSON. */
export const jsonValues: readonly string[] = [
  ...texts.map((text) => JSON.stringify(text)),
  '""',
  '"\\u0000"',
  '"\\ud800"',
  '"a\\nb"',
  'null',
  'true',
  '-0',
  '-1',
  '1.5',
  '1e308',
  '1e999',
  '9007199254740993',
  '[]',
  '[null]',
  '{}',
  '{"__proto__":1}',
  '{"constructor":{}}',
];
