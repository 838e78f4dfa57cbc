import process from 'node:process';
import { carriersConfig } from './carriers.config.ts';
import { startCarriers } from './start.ts';

async function run(): Promise<void> {
  const carriers = await startCarriers(carriersConfig());
  process.stdout.write(`carriers ${carriers.names.join(', ')} at ${carriers.url}\n`);
  process.send?.({ url: carriers.url });

  const stop = () => void carriers.close().then(() => process.exit(0));
  // A parent that started us by IPC takes us with it, however it ends.
  process.once('disconnect', stop);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
}

void run();
