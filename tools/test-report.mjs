/** The final report of `npm test`. */
import { inColumns } from './stack/dist/index.js';

/** One row per suite, and their sum. */
export function resultTable(rows) {
  const cells = ({ suite, passed, failed, skipped, seconds }) => [
    suite.padEnd(14),
    ...[passed, failed, skipped, seconds.toFixed(1)].map((cell) => String(cell).padStart(8)),
  ];
  const header = ['suite'.padEnd(14), ' passed', '  failed', ' skipped', ' seconds'];
  return inColumns([header, ...rows.map(cells)]).join('\n');
}

/** One row per server and one column per suite: how many spec files ran, and how many were left out. */
export function whatRanOnWhat(runs, versions, serversOf) {
  const names = [...new Set(runs.flatMap(({ selection }) => selection?.servers ?? []))];
  const rows = names.map((name) => [
    name,
    versions[name] || '-',
    ...runs.map(({ suite, selection }) =>
      suite.real ? cell(selection, (file) => serversOf(file).includes(name)) : '-',
    ),
  ]);
  const embedded = ['embedded', '-', ...runs.map(({ suite }) => (suite.real ? '-' : 'ran'))];
  const header = ['server', 'version', ...runs.map(({ suite }) => suite.name)];
  return inColumns([header, embedded, ...rows]).join('\n');
}

function cell(selection, needsIt) {
  const ran = selection?.run.filter(needsIt).length ?? 0;
  const leftOut = selection?.leftOut.filter(needsIt).length ?? 0;
  const parts = [...(ran ? [`${ran} ran`] : []), ...(leftOut ? [`${leftOut} left out`] : [])];
  return parts.join(', ') || '-';
}
