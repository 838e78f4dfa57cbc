import process from 'node:process';
import { carriersConfig, startCarriers } from '@waybill/carriers';
import { paymentProviderConfig, startPaymentProvider } from '@waybill/payment-provider';

async function run(): Promise<void> {
  const [provider, carriers] = await Promise.all([
    startPaymentProvider(paymentProviderConfig()),
    startCarriers(carriersConfig()),
  ]);
  process.stdout.write(`payment provider at ${provider.url}\n`);
  process.stdout.write(`carriers ${carriers.names.join(', ')} at ${carriers.url}\n`);

  const stop = () =>
    void Promise.all([provider.close(), carriers.close()]).then(() => process.exit(0));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
}

void run();
