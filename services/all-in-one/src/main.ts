import process from 'node:process';
import { processEnvironment } from './all-in-one.config.ts';
import { startAllInOne } from './all-in-one.ts';
import { banner } from './banner.ts';

const log = (line: string): void => void process.stderr.write(`waybill: ${line}\n`);

try {
  const started = performance.now();
  const system = await startAllInOne(processEnvironment(), log);
  process.stdout.write(banner(system.url, (performance.now() - started) / 1000));
  let stopping = false;
  const stop = (): void => {
    // Who signals twice does not want to wait.
    if (stopping) process.exit(1);
    stopping = true;
    log('stopping');
    system.close().then(
      () => process.exit(0),
      (error: Error) => {
        log(error.message);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
} catch (error) {
  log(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
