import { csvLine } from '@waybill/http';
import type { Columns, Pages } from './columns.ts';

/** Rows as a CSV file, a page at a time. */
export async function* csvFile<C extends Columns>(
  columns: C,
  pages: Pages<C>,
): AsyncGenerator<Buffer> {
  const names = columns.map(([name]): C[number][0] => name);
  yield Buffer.from(csvLine(names));
  for await (const rows of pages)
    yield Buffer.from(rows.map((row) => csvLine(names.map((name) => row[name]))).join(''));
}
