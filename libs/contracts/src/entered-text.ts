import { isStorable, text } from '@waybill/message';
import { z } from 'zod';

/** A character that ends a line or controls a terminal or a printer. */
const control = /[\p{Cc}\p{Zl}\p{Zp}]/u;
/** A character that is neither blank nor a control character nor invisible by itself. */
const visible = /[^\p{Z}\p{C}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** Text that a caller typed, on any number of lines, normalized to NFC so that equal letters are equal text. */
export const enteredText = (min: number, max: number) =>
  z
    .string()
    .normalize('NFC')
    .min(min)
    .max(max)
    .refine(isStorable, 'holds U+0000 or a lone surrogate');

/** Refuses control characters and, unless it may be empty, text without a visible character. */
const onOneLine = (schema: z.ZodString, min: number) =>
  schema
    .refine((line) => !control.test(line), 'holds a control character')
    .refine((line) => min === 0 || visible.test(line), 'shows nothing');

/** Like `enteredText`, but one line with at least one visible character, unless `min` is 0. */
export const enteredLine = (min: number, max: number) => onOneLine(enteredText(min, max), min);

/** Like `enteredLine`, but not normalized: an id in another form may belong to another caller. */
export const exactLine = (min: number, max: number) => onOneLine(text(min, max), min);

/**
 * Characters that labels cannot print: all but Latin, Greek and Cyrillic letters with their
 * accents, digits, and their punctuation and signs.
 */
const unprintable =
  /[^\u0020-\u007e\u00a0-\u03e1\u03f0-\u052f\u1e00-\u1fff\u2000-\u200a\u2010-\u2027\u202f-\u205f\u20a0-\u20c0\u2100-\u214f]|[\p{Cn}\p{Cf}]/u;

/** The first character of a text that a label cannot print; undefined when there is none. */
export const firstUnprintable = (text: string): string | undefined => unprintable.exec(text)?.[0];
