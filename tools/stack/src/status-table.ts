import type { ServerStatus } from './managed-server.ts';
import { type Installer, sayMissing } from './missing.ts';

const headers = ['server', 'state', 'version', 'pid', 'port', 'address'];

/** One row per server, in columns; below it the commands that install what is missing. */
export function statusTable(statuses: readonly ServerStatus[], installer: Installer): string {
  const rows = statuses.map((status) => [
    status.name,
    status.state,
    status.version || '-',
    status.pid === undefined ? '-' : String(status.pid),
    String(status.ports['main']),
    status.state === 'up' ? status.url : '-',
  ]);
  const notes = statuses.flatMap(({ name, missing }) =>
    missing ? [`${name}: ${sayMissing(missing, installer)}`] : [],
  );
  return [...inColumns([headers, ...rows]), ...notes].join('\n');
}

/** Pads every cell to the width of its column. */
export function inColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths?.[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
