const needsQuotes = /[",\r\n]/;
/** What a spreadsheet would run as a formula. */
const formula = /^[=+\-@\t\r]/;

/**
 * A line of a CSV file by RFC 4180, with its line break. A text that a spreadsheet would run as a formula begins with an
 * apostrophe there; null is an empty cell.
 */
export const csvLine = (cells: readonly (string | number | null)[]): string =>
  `${cells.map(cellOf).join(',')}\r\n`;

function cellOf(cell: string | number | null): string {
  if (typeof cell !== 'string') return cell === null ? '' : String(cell);
  const safe = formula.test(cell) ? `'${cell}` : cell;
  return needsQuotes.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
