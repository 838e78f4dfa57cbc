import {
  ByteWriter,
  type ColumnSource,
  ParquetWriter,
  schemaFromColumnData,
} from 'hyparquet-writer';
import type { Columns, Pages, Row } from './columns.ts';

type Type = Columns[number][1];

const types = { text: 'STRING', integer: 'INT64', moment: 'TIMESTAMP' } as const;

const values: Readonly<Record<Type, (value: string | number) => unknown>> = {
  text: (value) => value,
  integer: (value) => BigInt(value),
  moment: (value) => new Date(value),
};

const sources = (columns: Columns, rows: readonly Row[]): ColumnSource[] =>
  columns.map(([name, type]) => ({
    name,
    type: types[type],
    nullable: true,
    offsetIndex: false,
    data: rows.map((row) => {
      const value = row[name] ?? null;
      return value === null ? null : values[type](value);
    }) as never,
  }));

/** Rows as a Parquet file, a page at a time: each page is a row group. */
export async function* parquetFile<C extends Columns>(
  columns: C,
  pages: Pages<C>,
): AsyncGenerator<Buffer> {
  const writer = new ByteWriter();
  const schema = schemaFromColumnData({ columnData: sources(columns, []) });
  const file = new ParquetWriter({ writer, schema, createdBy: 'waybill' });
  /** What was written since; the writer counts on, so that offsets in the file stay right. */
  const written = (): Buffer => {
    const bytes = Buffer.from(writer.getBytes());
    writer.index = 0;
    return bytes;
  };
  for await (const rows of pages) {
    const columnData = sources(columns, rows as readonly Row[]);
    await file.write({ columnData, rowGroupSize: Math.max(1, rows.length) });
    yield written();
  }
  await file.finish();
  yield written();
}
