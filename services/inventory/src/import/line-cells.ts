import { isUtf8 } from 'node:buffer';
import { parse } from 'csv-parse/sync';

/** The cells of a line by RFC 4180; or the rule that the line breaks. */
export function lineCells(bytes: Buffer): readonly string[] | { readonly rule: string } {
  if (!isUtf8(bytes)) return { rule: 'the line is not UTF-8' };
  const text = bytes.toString('utf8');
  if (!text.includes('"')) return text.split(',');
  try {
    const [cells = []] = parse(text, { relax_column_count: true });
    return cells;
  } catch {
    return {
      rule: 'the line has quotes that RFC 4180 does not allow, or that end in another line',
    };
  }
}
