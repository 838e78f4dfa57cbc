import process from 'node:process';
import { paymentProviderConfig } from './payment-provider.config.ts';
import { startPaymentProvider } from './start.ts';

async function run(): Promise<void> {
  const provider = await startPaymentProvider(paymentProviderConfig());
  process.stdout.write(`payment provider at ${provider.url}\n`);
  process.send?.({ url: provider.url });

  const stop = () => void provider.close().then(() => process.exit(0));
  // A parent that started us by IPC takes us with it, however it ends.
  process.once('disconnect', stop);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
}

void run();
