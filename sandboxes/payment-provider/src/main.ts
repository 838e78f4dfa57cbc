import process from 'node:process';
import { runProcess } from '@waybill/resilience/process';
import { paymentProviderConfig } from './payment-provider.config.ts';
import { startSandbox } from './start-sandbox.ts';

void runProcess('payment provider', async () => {
  const provider = await startSandbox(paymentProviderConfig());
  process.stdout.write(`payment provider at ${provider.url}\n`);
  return provider;
});
