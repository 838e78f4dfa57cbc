import process from 'node:process';
import { carriersConfig, startCarriers } from '@waybill/carriers';
import { paymentProviderConfig, startPaymentProvider } from '@waybill/payment-provider';

/** Whoever supervises this process starts it again, with what the ledgers have. */
const fail = (error: Error): never => {
  process.stderr.write(`outside world: ${error.message}\n`);
  process.exit(1);
};
// A log that is gone, or has no room, takes no more lines, which is no reason to end.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

async function run(): Promise<void> {
  const [provider, carriers] = await Promise.all([
    startPaymentProvider(paymentProviderConfig()),
    startCarriers(carriersConfig()),
  ]);
  void Promise.race([provider.failed, carriers.failed]).then(fail);
  process.stdout.write(`payment provider at ${provider.url}\n`);
  process.stdout.write(`carriers ${carriers.names.join(', ')} at ${carriers.url}\n`);

  const stop = () =>
    void Promise.all([provider.close(), carriers.close()]).then(() => process.exit(0), fail);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
}

run().catch(fail);
