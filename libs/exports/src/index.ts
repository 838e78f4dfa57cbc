export type { Columns, Pages, Row } from './columns.ts';
export { type ExportFormat, exportFormats, fileFormats } from './file-formats.ts';
