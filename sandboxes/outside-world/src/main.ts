import process from 'node:process';
import { carriersConfig, startCarriers } from '@waybill/carriers';
import { mailConfig, startMailServer } from '@waybill/mail';
import { paymentProviderConfig, startSandbox } from '@waybill/payment-provider';
import { runProcess } from '@waybill/resilience/process';

void runProcess('outside world', async () => {
  const [provider, carriers, mail] = await Promise.all([
    startSandbox(paymentProviderConfig()),
    startCarriers(carriersConfig()),
    startMailServer(mailConfig()),
  ]);
  process.stdout.write(`payment provider at ${provider.url}\n`);
  process.stdout.write(`carriers ${carriers.names.join(', ')} at ${carriers.url}\n`);
  process.stdout.write(`mail server at ${mail.smtpUrl}, its page at ${mail.url}\n`);
  return {
    url: null,
    failed: Promise.race([provider.failed, carriers.failed]),
    close: async () => {
      await Promise.all([provider.close(), carriers.close(), mail.close()]);
    },
  };
});
