import process from 'node:process';
import { paymentProviderConfig } from './payment-provider.config.ts';
import { startPaymentProvider } from './start.ts';

/** Whoever supervises this process starts it again, with what the books have. */
const fail = (error: Error): never => {
  process.stderr.write(`payment provider: ${error.message}\n`);
  process.exit(1);
};
// A log that is gone, or has no room, takes no more lines, which is no reason to end.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

async function run(): Promise<void> {
  const starting = startPaymentProvider(paymentProviderConfig());
  const stop = () =>
    void starting.then((running) => running.close()).then(() => process.exit(0), fail);
  // A parent that started us by IPC takes us with it, however it ends.
  process.once('disconnect', stop);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  // Gone before anybody listened to that.
  if (process.connected === false) stop();

  const provider = await starting;
  void provider.failed.then(fail);
  process.stdout.write(`payment provider at ${provider.url}\n`);
  // A parent that has gone meanwhile takes no message.
  process.send?.({ url: provider.url }, () => {});
}

run().catch(fail);
