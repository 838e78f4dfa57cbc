import process from 'node:process';
import { loadConfig } from './payment-provider.config.ts';
import { startPaymentProvider } from './start.ts';

const provider = await startPaymentProvider(loadConfig());
process.stdout.write(`payment provider ${provider.url}\n`);
process.send?.({ url: provider.url });
// A parent that started us by IPC takes us with it, however it ends.
process.once('disconnect', () => void provider.close().then(() => process.exit(0)));
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void provider.close());
}
