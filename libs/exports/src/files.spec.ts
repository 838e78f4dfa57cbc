import { expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import type { Row } from './columns.ts';
import { csvFile } from './csv-file.ts';
import { parquetFile } from './parquet-file.ts';

const columns = [
  ['name', 'text'],
  ['total', 'integer'],
  ['placedAt', 'moment'],
] as const;
type TestRow = Row<typeof columns>;

const row = (name: string | null, total: number): TestRow => ({
  name,
  total,
  placedAt: '2026-01-02T03:04:05.678Z',
});
async function* pagesOf(...pages: readonly (readonly TestRow[])[]) {
  yield* pages;
}
async function written(file: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of file) parts.push(part);
  return Buffer.concat(parts);
}
const readParquet = (bytes: Buffer) => {
  const file = new Uint8Array(bytes).buffer;
  return { rows: parquetReadObjects({ file }), groups: parquetMetadata(file).row_groups.length };
};

const pages = [
  [row('Ł "a", b\r\nc', 1), row(null, -5)],
  [row('=1+1', 9_007_199_254_740_991)],
] as const;

it('are read by others as they were written: CSV', async () => {
  const text = (await written(csvFile(columns, pagesOf(...pages)))).toString();
  const rows: Record<string, string>[] = parse(text, { columns: true });
  expect(rows.map(({ name, total }) => [name, total])).toEqual([
    ['Ł "a", b\r\nc', '1'],
    ['', '-5'],
    ["'=1+1", '9007199254740991'],
  ]);
});

it('are read by others as they were written: Parquet, with a row group for each page', async () => {
  const { rows, groups } = readParquet(await written(parquetFile(columns, pagesOf(...pages))));
  expect(groups).toBe(2);
  expect((await rows).map(({ name, total, placedAt }) => [name, total, placedAt])).toEqual([
    ['Ł "a", b\r\nc', 1n, new Date('2026-01-02T03:04:05.678Z')],
    [null, -5n, new Date('2026-01-02T03:04:05.678Z')],
    ['=1+1', 9_007_199_254_740_991n, new Date('2026-01-02T03:04:05.678Z')],
  ]);
});

it('may have no rows', async () => {
  const { rows, groups } = readParquet(await written(parquetFile(columns, pagesOf())));
  expect([await rows, groups]).toEqual([[], 0]);
  const text = (await written(csvFile(columns, pagesOf()))).toString();
  expect(text.split('\r\n')).toEqual(['name,total,placedAt', '']);
});
