import { cpus } from 'node:os';
import process from 'node:process';
import { agedTable } from './aged/aged-table.ts';
import { measureAged } from './aged/measure-aged.ts';
import { benchOptions, help } from './bench.config.ts';
import { clientsTable, measureClients } from './clients/measure-clients.ts';
import { connectionsTable, measureConnections } from './clients/measure-connections.ts';
import { type DbosFigures, measureDbos } from './peers/dbos.ts';
import { costTable } from './profile/cost-table.ts';
import { profile } from './profile/profile.ts';
import { lagTable, measureLag } from './projection-lag.ts';
import { measureRecovery, type Recovery } from './recovery.ts';
import { type Measured, reportOf } from './report.ts';
import { Servers } from './servers.ts';
import { measureStreams, streamsTable } from './streams.ts';
import type { Subject } from './system.ts';
import { measureTraces, tracesTable } from './traces.ts';
import type { MeasuredBrokers } from './transports/open-transport.ts';
import { type Figures, measure } from './workload.ts';
import { measureYardsticks } from './yardsticks.ts';

const options = benchOptions(process.argv.slice(2));
if (!options) {
  process.stdout.write(help);
  process.exit();
}
const { sizes, brokers, sandboxes, layouts, recovery } = options;
const recoverySubjects = [
  ['payment', 1],
  ['payment', 2],
  ['order', 2],
] as const;
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const print = (lines: readonly string[]): void =>
  void process.stdout.write(`${lines.join('\n')}\n`);

say(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`);
const servers = await Servers.for(brokers, options.addresses, say);
const { addresses } = servers;
try {
  const dbos = options.peers ? await peers() : null;
  for (const each of brokers) {
    if (options.profile) await profileOn(each);
    else if (options.lag) await lagOn(each);
    else if (options.clients) await clientsOn(each);
    else if (options.traces) await tracesOn(each);
    else if (options.streams) await streamsOn(each);
    else if (options.connections) await connectionsOn(each);
    else if (options.aged !== null) await ageOn(each, options.aged);
    else report(await measureOn(each, dbos));
  }
} finally {
  await servers.remove();
}

/** In-process sandboxes and the embedded broker require all services in one process. */
function isPossible({ brokers: on, sandboxes: which, layout }: Subject): boolean {
  return layout === 'one' || (on !== 'embedded' && which === 'http');
}

function subjectsOn(on: MeasuredBrokers): Subject[] {
  return layouts
    .flatMap((layout) =>
      sandboxes.map((each) => ({ brokers: on, sandboxes: each, layout, addresses })),
    )
    .filter(isPossible);
}

async function peers(): Promise<DbosFigures | null> {
  say('installing and measuring DBOS');
  const found = await measureDbos();
  if (typeof found !== 'string') return found;
  say(found);
  return null;
}

async function profileOn(on: MeasuredBrokers): Promise<void> {
  for (const subject of subjectsOn(on)) {
    print(['', ...costTable(await profile(subject, sizes, servers, say))]);
  }
}

async function lagOn(on: MeasuredBrokers): Promise<void> {
  for (const subject of subjectsOn(on))
    print(['', ...lagTable(await measureLag(subject, sizes, say))]);
}

async function clientsOn(on: MeasuredBrokers): Promise<void> {
  for (const subject of subjectsOn(on))
    print(['', ...clientsTable(await measureClients(subject, say))]);
}

async function tracesOn(on: MeasuredBrokers): Promise<void> {
  for (const subject of subjectsOn(on))
    print(['', ...tracesTable(await measureTraces(subject, sizes, say))]);
}

async function streamsOn(on: MeasuredBrokers): Promise<void> {
  for (const subject of subjectsOn(on).slice(0, 1))
    print(['', ...streamsTable(await measureStreams(subject, sizes, say))]);
}

async function connectionsOn(on: MeasuredBrokers): Promise<void> {
  for (const subject of subjectsOn(on))
    print(['', ...connectionsTable(await measureConnections(subject, say))]);
}

async function ageOn(on: MeasuredBrokers, orders: number): Promise<void> {
  for (const subject of subjectsOn(on)) {
    const figures = await measureAged(subject, sizes, orders, servers, say);
    print(['', ...agedTable(figures)]);
    if (figures.violations.length > 0) process.exitCode = 1;
  }
}

async function measureOn(on: MeasuredBrokers, dbos: DbosFigures | null): Promise<Measured> {
  say(`${on}: measuring this machine`);
  const { orders, shoppers } = sizes;
  const yardsticks = () =>
    measureYardsticks({ orders: orders * 2, shoppers, brokers: on, addresses });
  const before = await yardsticks();
  const all: Figures[] = [];
  for (const subject of subjectsOn(on)) all.push(await measure(subject, sizes, servers, say));
  const after = await yardsticks();
  const recoveries: Recovery[] = [];
  for (const [service, replicas] of recovery && on !== 'embedded' ? recoverySubjects : []) {
    const subject = { brokers: on, sandboxes: 'http', layout: 'processes', addresses } as const;
    recoveries.push(await measureRecovery(subject, service, replicas, say));
  }
  const setting = addresses['PROFILE'] ?? 'latency';
  return { brokers: on, profile: setting, before, after, dbos, all, recoveries };
}

function report(measured: Measured): void {
  print(reportOf(measured, sizes));
  if (measured.all.some(({ violations }) => violations.length > 0)) process.exitCode = 1;
}
