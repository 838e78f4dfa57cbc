/** What `npm test` says at its end. */
import { inColumns } from './stack/dist/index.js';

/** A row a suite, and their sum. */
export function resultTable(rows) {
  const cells = ({ suite, passed, failed, skipped, seconds }) => [
    suite.padEnd(14),
    ...[passed, failed, skipped, seconds.toFixed(1)].map((cell) => String(cell).padStart(8)),
  ];
  const header = ['suite'.padEnd(14), ' passed', '  failed', ' skipped', ' seconds'];
  return inColumns([header, ...rows.map(cells)]).join('\n');
}

/** A row a server and a column a suite: how many spec files ran there, how many were left out. */
export function whatRanOnWhat(runs, versions, serversOf) {
  const names = [...new Set(runs.flatMap(({ selection }) => selection?.servers ?? []))];
  const rows = names.map((name) => [
    name,
    versions[name] || '-',
    ...runs.map(({ selection }) => cell(selection, (file) => serversOf(file).includes(name))),
  ]);
  const embedded = ['embedded', '-', ...runs.map(({ selection }) => (selection ? '-' : 'ran'))];
  const header = ['server', 'version', ...runs.map(({ suite }) => suite.name)];
  return inColumns([header, embedded, ...rows]).join('\n');
}

function cell(selection, needsIt) {
  const ran = selection?.run.filter(needsIt).length ?? 0;
  const leftOut = selection?.leftOut.filter(needsIt).length ?? 0;
  const parts = [...(ran ? [`${ran} ran`] : []), ...(leftOut ? [`${leftOut} left out`] : [])];
  return parts.join(', ') || '-';
}
