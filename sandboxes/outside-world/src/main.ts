import process from 'node:process';
import { carriersConfig, startCarriers } from '@waybill/carriers';
import { paymentProviderConfig, startSandbox } from '@waybill/payment-provider';
import { runProcess } from '@waybill/resilience/process';

void runProcess('outside world', async () => {
  const [provider, carriers] = await Promise.all([
    startSandbox(paymentProviderConfig()),
    startCarriers(carriersConfig()),
  ]);
  process.stdout.write(`payment provider at ${provider.url}\n`);
  process.stdout.write(`carriers ${carriers.names.join(', ')} at ${carriers.url}\n`);
  return {
    url: null,
    failed: Promise.race([provider.failed, carriers.failed]),
    close: async () => {
      await Promise.all([provider.close(), carriers.close()]);
    },
  };
});
