import { csvFile } from './csv-file.ts';
import { parquetFile } from './parquet-file.ts';

/** The formats of exported files. */
export const exportFormats = ['csv', 'parquet'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** The media type of each format, and what writes such a file. */
export const fileFormats = {
  csv: { type: 'text/csv; charset=utf-8', write: csvFile },
  parquet: { type: 'application/vnd.apache.parquet', write: parquetFile },
} as const;
