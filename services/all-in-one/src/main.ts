import process from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { processEnvironment } from './all-in-one.config.ts';
import { startAllInOne } from './all-in-one.ts';
import { banner } from './banner.ts';

// Memory that the collector has not yet looked at may be half as much as what is in use, not three times.
setFlagsFromString('--heap-growing-percent=50');

const log = (line: string): void => void process.stderr.write(`waybill: ${line}\n`);
const fail = (error: unknown): never => {
  log(error instanceof Error ? error.message : String(error));
  process.exit(1);
};
// A terminal that was closed takes no more lines, which is no reason to stop in disorder.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const started = performance.now();
const starting = startAllInOne(processEnvironment(), { log, lost: fail });
let stopping = false;
const stop = (): void => {
  // Who signals twice does not want to wait.
  if (stopping) process.exit(1);
  stopping = true;
  log('stopping');
  starting.then((system) => system.close()).then(() => process.exit(0), fail);
};
// What is half started is not stopped in order, so a signal meanwhile waits for the end of the start.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);

starting.then((system) => {
  void system.failed.then(fail);
  if (!stopping) process.stdout.write(banner(system.url, (performance.now() - started) / 1000));
}, fail);
