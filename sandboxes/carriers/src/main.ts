import process from 'node:process';
import { carriersConfig } from './carriers.config.ts';
import { startCarriers } from './start.ts';

/** Whoever supervises this process starts it again, with what the ledger has. */
const fail = (error: Error): never => {
  process.stderr.write(`carriers: ${error.message}\n`);
  process.exit(1);
};
// A log that is gone, or has no room, takes no more lines, which is no reason to end.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

async function run(): Promise<void> {
  const starting = startCarriers(carriersConfig());
  const stop = () =>
    void starting.then((running) => running.close()).then(() => process.exit(0), fail);
  // A parent that started us by IPC takes us with it, however it ends.
  process.once('disconnect', stop);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  // Gone before anybody listened to that.
  if (process.connected === false) stop();

  const carriers = await starting;
  void carriers.failed.then(fail);
  process.stdout.write(`carriers ${carriers.names.join(', ')} at ${carriers.url}\n`);
  // A parent that has gone meanwhile takes no message.
  process.send?.({ url: carriers.url }, () => {});
}

run().catch(fail);
