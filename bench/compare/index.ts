import { cpus } from 'node:os';
import process from 'node:process';
import { Servers } from '../servers.ts';
import { carriers } from './carrier.ts';
import { compareHelp, compareOptions } from './compare.config.ts';
import { compareTable } from './compare-table.ts';
import { type Compared, compareOn } from './measure.ts';

const options = compareOptions(process.argv.slice(2));
if (!options) {
  process.stdout.write(compareHelp);
  process.exit();
}
const { sizes, names, addresses, json } = options;
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const chosen = carriers.filter(({ name }) => names.includes(name));
const servers = await Servers.open(
  chosen.flatMap(({ server }) => server ?? []),
  addresses,
  say,
);
const measured: Compared[] = [];
const leftOut: { title: string; reason: string }[] = [];
try {
  for (const carrier of chosen) {
    const trouble = servers.troubles.find(({ server }) => server === carrier.server);
    if (trouble) {
      leftOut.push({ title: carrier.title, reason: trouble.reason });
      continue;
    }
    say(`${carrier.title}: measuring, and killing its consumer and its server`);
    measured.push(await compareOn(carrier, sizes, servers));
  }
} finally {
  await servers.remove();
}
const machine = `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`;
const date = new Date().toISOString().slice(0, 10);
const comparison = { machine, date, measured, leftOut };
process.stdout.write(
  json ? `${JSON.stringify(comparison, null, 2)}\n` : `${compareTable(comparison).join('\n')}\n`,
);
