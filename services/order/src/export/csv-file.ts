import { csvLine } from '@waybill/http';
import { type ExportRow, exportColumns } from '../domain/exported-order.ts';

/** Rows as a CSV file, a page at a time. */
export async function* csvFile(pages: AsyncIterable<readonly ExportRow[]>): AsyncGenerator<Buffer> {
  const columns = exportColumns.map(([name]) => name);
  yield Buffer.from(csvLine(columns));
  for await (const rows of pages) {
    yield Buffer.from(rows.map((row) => csvLine(columns.map((name) => row[name]))).join(''));
  }
}
