/**
 * The forms and checksums of the VAT numbers of the EU's member states, by the first two letters of an id. Sources: the
 * Commission's VIES (https://ec.europa.eu/taxation_customs/vies, "VAT identification number structure") and the tax
 * authorities. Own code, because the libraries for it are unmaintained or a hundred times as large.
 */
type Check = (number: string) => boolean;

const digitsOf = (text: string): number[] => [...text].map(Number);
/** The sum of the digits, each times its weight. */
const sumOf = (text: string, weights: readonly number[]): number =>
  weights.reduce((sum, weight, i) => sum + weight * Number(text[i]), 0);
const last = (number: string): number => Number(number.at(-1));

/** The sum is a multiple of `by`; the check digit has a weight of its own. */
const multiple =
  (by: number, ...weights: number[]): Check =>
  (number) =>
    sumOf(number, weights) % by === 0;

/** The sum of the digits, every second one from the right doubled and its own digits added. */
const luhnSum = (number: string): number =>
  digitsOf(number)
    .reverse()
    .map((digit, i) => (i % 2 ? Math.floor(digit / 5) + ((digit * 2) % 10) : digit))
    .reduce((sum, digit) => sum + digit, 0);
const luhn: Check = (number) => luhnSum(number) % 10 === 0;

/** ISO 7064, MOD 11,10. */
const mod11And10: Check = (number) => {
  const product = digitsOf(number.slice(0, -1)).reduce(
    (before, digit) => (((before + digit) % 10 || 10) * 2) % 11,
    10,
  );
  return (product + last(number)) % 10 === 1;
};

const any =
  (...checks: readonly Check[]): Check =>
  (number) =>
    checks.some((check) => check(number));

/** `form` must match the whole number. */
const form = (pattern: RegExp, check: Check): Check => {
  const whole = new RegExp(`^(?:${pattern.source})$`);
  return (number) => whole.test(number) && check(number);
};

/** 11 less the remainder of the sum by 11; what is above 9 becomes 0 or is refused. */
const elevenLess = (sum: number, above9: (digit: number) => number | undefined) => {
  const digit = 11 - (sum % 11);
  return digit > 9 ? above9(digit) : digit;
};

const bulgarianBusiness: Check = (number) => {
  const first = sumOf(number, [1, 2, 3, 4, 5, 6, 7, 8]) % 11;
  const check = first === 10 ? (sumOf(number, [3, 4, 5, 6, 7, 8, 9, 10]) % 11) % 10 : first;
  return check === last(number);
};
const bulgarianPerson: Check = any(
  (number) => (sumOf(number, [2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11) % 10 === last(number),
  (number) => sumOf(number, [21, 19, 17, 13, 11, 9, 7, 3, 1]) % 10 === last(number),
  (number) =>
    elevenLess(sumOf(number, [4, 3, 2, 7, 6, 5, 4, 3, 2]), (digit) =>
      digit === 11 ? 0 : undefined,
    ) === last(number),
);

const cypriot: Check = (number) => {
  const odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
  const digits = digitsOf(number.slice(0, 8));
  const sum = digits.reduce((all, digit, i) => all + (i % 2 ? digit : (odd[digit] ?? 0)), 0);
  return number[8] === String.fromCharCode(65 + (sum % 26));
};

const czechBusiness: Check = (number) =>
  ((11 - (sumOf(number, [8, 7, 6, 5, 4, 3, 2]) % 11)) % 11 || 1) % 10 === last(number);
const czechSpecial: Check = (number) => {
  const remainder = sumOf(number.slice(1), [8, 7, 6, 5, 4, 3, 2]) % 11;
  return (((8 - ((10 - remainder) % 11)) % 10) + 10) % 10 === last(number);
};
const czechPerson: Check = (number) => (Number(number.slice(0, -1)) % 11) % 10 === last(number);

const spanishLetter = (number: string): string | undefined =>
  'TRWAGMYFPDXBNJZSQVHLCKE'[Number(number) % 23];
const spanishPerson: Check = (number) =>
  number[8] ===
  spanishLetter(number.slice(0, 8).replace(/^[XYZ]/, (x) => String('XYZ'.indexOf(x))));
const spanishMinor: Check = (number) => number[8] === spanishLetter(number.slice(1, 8));
const spanishBusiness: Check = (number) => {
  const check = [...'0123456789'].find((digit) => luhn(number.slice(1, 8) + digit)) ?? '';
  const letter = 'JABCDEFGHI'[Number(check)] ?? '';
  if (/^[ABEH]/.test(number)) return number[8] === check;
  return /^[KNPQRSW]/.test(number)
    ? number[8] === letter
    : `${check}${letter}`.includes(number[8] ?? '?');
};

/** The SIREN of the business, with two characters before it that check it. */
const french: Check = (number) => {
  const alphabet = '0123456789ABCDEFGHJKLMNPQRSTUVWXYZ';
  const [key, siren] = [number.slice(0, 2), number.slice(2)];
  // Numbers of Monaco have no SIREN.
  if (!siren.startsWith('000') && !luhn(siren)) return false;
  if (/^\d\d$/.test(key)) return Number(key) === (12 + 3 * (Number(siren) % 97)) % 97;
  const [a = 0, b = 0] = [...key].map((each) => alphabet.indexOf(each));
  const value = a < 10 ? a * 24 + b - 10 : a * 34 + b - 100;
  return (Number(siren) + 1 + Math.floor(value / 11)) % 11 === value % 11;
};

const irish: Check = (number) => {
  const alphabet = 'WABCDEFGHIJKLMNOPQRSTUV';
  const isOld = /^\d[A-Z+*]/.test(number);
  const digits = isOld ? `0${number.slice(2, 7)}${number[0]}` : number.slice(0, 7);
  const more = isOld ? 0 : alphabet.indexOf(number[8] ?? 'W');
  return number[7] === alphabet[(sumOf(digits, [8, 7, 6, 5, 4, 3, 2]) + 9 * more) % 23];
};

const italian: Check = (number) => {
  const office = Number(number.slice(7, 10));
  const isOffice = (office >= 1 && office <= 100) || [120, 121, 888, 999].includes(office);
  return !number.startsWith('0000000') && isOffice && luhn(number);
};

const lithuanian: Check = (number) => {
  const digits = digitsOf(number.slice(0, -1));
  const sum = (from: number) =>
    digits.reduce((all, digit, i) => all + digit * (1 + ((i + from) % 9)), 0) % 11;
  return (sum(0) === 10 ? sum(2) % 10 : sum(0)) === last(number);
};

const latvianPerson: Check = (number) =>
  number.startsWith('32') ||
  ((1 + sumOf(number, [10, 5, 8, 4, 2, 1, 6, 3, 7, 9])) % 11) % 10 === last(number);

/** Businesses have the number of their country, sole traders one that is checked as a whole (ISO 7064, MOD 97-10). */
const dutch: Check = any(
  (number) => multiple(11, 9, 8, 7, 6, 5, 4, 3, 2, 10)(number) && Number(number.slice(0, 9)) > 0,
  (number) => BigInt(`2321${number.replace('B', '11')}`) % 97n === 1n,
);

const romanian: Check = (number) =>
  ((10 * sumOf(number.padStart(10, '0'), [7, 5, 3, 2, 1, 7, 5, 3, 2])) % 11) % 10 === last(number);

const checks: ReadonlyMap<string, Check> = new Map(
  Object.entries({
    AT: form(/U\d{8}/, (n) => (luhnSum(n.slice(1, 8)) + 4 + last(n)) % 10 === 0),
    BE: form(/[01]\d{9}/, (n) => 97 - (Number(n.slice(0, 8)) % 97) === Number(n.slice(8))),
    BG: any(form(/\d{9}/, bulgarianBusiness), form(/\d{10}/, bulgarianPerson)),
    CY: form(/(?!12)\d{8}[A-Z]/, cypriot),
    CZ: any(
      form(/[0-8]\d{7}/, czechBusiness),
      form(/6\d{8}/, czechSpecial),
      form(/\d\d[0-35-8]\d[0-3]\d{5}/, czechPerson),
      // Persons who were born before 1954 have no check digit.
      form(/[0-5]\d[0156]\d[0-3]\d{4}/, () => true),
    ),
    DE: form(/[1-9]\d{8}/, mod11And10),
    DK: form(/[1-9]\d{7}/, multiple(11, 2, 7, 6, 5, 4, 3, 2, 1)),
    EE: form(/\d{9}/, multiple(10, 3, 7, 1, 3, 7, 1, 3, 7, 1)),
    EL: form(/\d{9}/, (n) => (sumOf(n, [256, 128, 64, 32, 16, 8, 4, 2]) % 11) % 10 === last(n)),
    ES: any(
      form(/[\dXYZ]\d{7}[A-Z]/, spanishPerson),
      form(/[KLM]\d{7}[A-Z]/, spanishMinor),
      form(/[A-HJNP-SUVW]\d{7}[\dA-J]/, spanishBusiness),
    ),
    FI: form(/\d{8}/, multiple(11, 7, 9, 10, 5, 8, 4, 2, 1)),
    FR: form(/[0-9A-HJ-NP-Z]{2}\d{9}/, french),
    HR: form(/\d{11}/, mod11And10),
    HU: form(/\d{8}/, multiple(10, 9, 7, 3, 1, 9, 7, 3, 1)),
    IE: form(/\d{7}[A-W][A-IW]?|\d[A-Z+*]\d{5}[A-W]/, irish),
    IT: form(/\d{11}/, italian),
    LT: form(/\d{7}1\d|\d{10}1\d/, lithuanian),
    LU: form(/\d{8}/, (number) => Number(number.slice(0, 6)) % 89 === Number(number.slice(6))),
    LV: any(
      form(/[4-9]\d{10}/, (n) => sumOf(n, [9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1]) % 11 === 3),
      form(/(?:[0-2]\d|3[01])[01]\d{8}|32\d{9}/, latvianPerson),
    ),
    MT: form(/[1-9]\d{7}/, multiple(37, 3, 4, 6, 7, 8, 9, 10, 1)),
    NL: form(/\d{9}B\d{2}/, dutch),
    PL: form(/\d{10}/, multiple(11, 6, 5, 7, 2, 3, 4, 5, 6, 7, 10)),
    PT: form(
      /[1-9]\d{8}/,
      (n) => elevenLess(sumOf(n, [9, 8, 7, 6, 5, 4, 3, 2]), () => 0) === last(n),
    ),
    RO: form(/[1-9]\d{1,9}/, romanian),
    SE: form(/\d{10}\d{2}/, (number) => luhn(number.slice(0, 10)) && !number.endsWith('00')),
    SI: form(
      /[1-9]\d{7}/,
      (n) =>
        elevenLess(sumOf(n, [8, 7, 6, 5, 4, 3, 2]), (digit) => (digit === 10 ? 0 : undefined)) ===
        last(n),
    ),
    SK: form(/[1-9]\d[2-4789]\d{7}/, (number) => Number(number) % 11 === 0),
  }),
);

/** Whether `number` is one of the country whose ids begin with `prefix`. */
export const isVatNumber = (prefix: string, number: string): boolean =>
  checks.get(prefix)?.(number) ?? false;
