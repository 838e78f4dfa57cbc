import { isStorable, text } from '@waybill/message';
import { z } from 'zod';

/** Ends a line, or drives a terminal or a printer. */
const control = /[\p{Cc}\p{Zl}\p{Zp}]/u;
/** Neither a blank, nor a control character, nor one that shows nothing by itself. */
const visible = /[^\p{Z}\p{C}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** Text that a caller typed, of any number of lines, in the one form (NFC) in which the same letters are the same text. */
export const enteredText = (min: number, max: number) =>
  z
    .string()
    .normalize('NFC')
    .min(min)
    .max(max)
    .refine(isStorable, 'holds U+0000 or a lone surrogate');

/** No control characters, and unless it may be empty something that can be seen. */
const onOneLine = (schema: z.ZodString, min: number) =>
  schema
    .refine((line) => !control.test(line), 'holds a control character')
    .refine((line) => min === 0 || visible.test(line), 'shows nothing');

/** As `enteredText`, on one line that can be seen. */
export const enteredLine = (min: number, max: number) => onOneLine(enteredText(min, max), min);

/** As `enteredLine`, but exactly as it was written: an id in another form may be that of somebody else. */
export const exactLine = (min: number, max: number) => onOneLine(text(min, max), min);

/**
 * What labels are not printed in: all but Latin, Greek and Cyrillic letters with their accents, digits, and the
 * punctuation and signs that go with them.
 */
const unprintable =
  /[^\u0020-\u007e\u00a0-\u03e1\u03f0-\u052f\u1e00-\u1fff\u2000-\u200a\u2010-\u2027\u202f-\u205f\u20a0-\u20c0\u2100-\u214f]|[\p{Cn}\p{Cf}]/u;

/** The first character of a text that no label can show; undefined when all can be shown. */
export const firstUnprintable = (text: string): string | undefined => unprintable.exec(text)?.[0];
