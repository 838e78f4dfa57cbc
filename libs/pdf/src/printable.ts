import { firstUnprintable } from '@waybill/contracts';

/** `text` as documents show it: composed, on one line, and with a question mark for each character that the fonts do not have. */
export const printable = (text: string): string =>
  [
    ...text
      .normalize('NFC')
      .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
      .replaceAll(/\p{Cf}/gu, ''),
  ]
    .map((character) => (firstUnprintable(character) === undefined ? character : '?'))
    .join('');
