const needsQuotes = /[",\r\n]/;
/**
 * Where a spreadsheet would run a formula: at the start of a cell, and of what it takes for one where its list separator is `;` or a
 * tab, as in most of Europe. It ignores our quotes then, so line breaks begin cells too. Full-width signs are read as signs.
 */
const formulas = /^(?=[\t\r\n])|(?=[=+\-@＝＋－＠])(?<=^|[;\t\r\n]"*)/g;

/**
 * A line of a CSV file by RFC 4180, with its line break. An apostrophe stands before what a spreadsheet would run as a formula,
 * whatever its list separator is; null is an empty cell.
 */
export const csvLine = (cells: readonly (string | number | null)[]): string =>
  `${cells.map(cellOf).join(',')}\r\n`;

function cellOf(cell: string | number | null): string {
  if (typeof cell !== 'string') return cell === null ? '' : String(cell);
  const safe = cell.replace(formulas, "'");
  return needsQuotes.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
