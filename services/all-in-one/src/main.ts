import process from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runProcess } from '@waybill/resilience/process';
import { processEnvironment } from './all-in-one.config.ts';
import { startAllInOne } from './all-in-one.ts';
import { banner } from './banner.ts';

// Memory that the collector has not yet looked at may be half as much as what is in use, not three times.
setFlagsFromString('--heap-growing-percent=50');

const started = performance.now();
// What is half started is not stopped in order, so a signal meanwhile waits for the end of the start.
void runProcess('waybill', async ({ say, fail, stopped }) => {
  stopped.addEventListener('abort', () => say('stopping'));
  const system = await startAllInOne(processEnvironment(), { log: say, lost: fail });
  const seconds = (performance.now() - started) / 1_000;
  if (!stopped.aborted) process.stdout.write(banner(system.url, seconds));
  return system;
});
