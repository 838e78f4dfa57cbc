import process from 'node:process';
import { runProcess } from '@waybill/resilience/process';
import { paymentProviderConfig } from './payment-provider.config.ts';
import { startPaymentProvider } from './start.ts';

void runProcess('payment provider', async () => {
  const provider = await startPaymentProvider(paymentProviderConfig());
  process.stdout.write(`payment provider at ${provider.url}\n`);
  return provider;
});
