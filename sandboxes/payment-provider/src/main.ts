import process from 'node:process';
import { loadConfig } from './payment-provider.config.ts';
import { startPaymentProvider } from './start.ts';

const provider = await startPaymentProvider(loadConfig());
process.stdout.write(`payment provider ${provider.url}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void provider.close());
}
