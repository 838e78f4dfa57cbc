import process from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runProcess } from '@waybill/resilience/process';
import { processEnvironment } from './all-in-one.config.ts';
import { startAllInOne } from './all-in-one.ts';
import { banner } from './banner.ts';

// The heap may grow by half before a collection, instead of to three times what is in use.
setFlagsFromString('--heap-growing-percent=50');

const started = performance.now();
// A partial start cannot be stopped in order, so a signal during startup waits until the start has ended.
void runProcess('waybill', async ({ say, fail, stopped }) => {
  stopped.addEventListener('abort', () => say('stopping'));
  const system = await startAllInOne(processEnvironment(), { log: say, lost: fail });
  const seconds = (performance.now() - started) / 1_000;
  if (!stopped.aborted) process.stdout.write(banner(system.url, seconds));
  return system;
});
