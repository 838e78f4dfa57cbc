import type { OrderSums } from './charges.ts';
import { PaymentProvider } from './payment-provider.ts';
import { PaymentServer } from './server.ts';
import { eventOf, type ProviderEvent, WebhookSender, type WebhookTarget } from './webhooks.ts';

export interface PaymentProviderOptions {
  /** Where the books are kept. */
  readonly dataFile: string;
  readonly apiKey: string;
  /** 0: any free port. */
  readonly port: number;
  readonly host?: string;
  /** Without it no webhooks are sent. */
  readonly webhooks?: WebhookTarget;
  readonly now?: () => Date;
  readonly random?: () => number;
}

export interface RunningPaymentProvider {
  readonly url: string;
  ledger(): readonly OrderSums[];
  close(): Promise<void>;
}

/** Starts the provider over HTTP, with the books of an earlier run. */
export async function startPaymentProvider(
  options: PaymentProviderOptions,
): Promise<RunningPaymentProvider> {
  const now = options.now ?? (() => new Date());
  const provider = await PaymentProvider.open({ dataFile: options.dataFile, now });
  const sender = options.webhooks && new WebhookSender(options.webhooks, now);
  const tell = (event: ProviderEvent | undefined): void => {
    if (!event || !sender) return;
    sender.send(event);
    if (server.duplicates()) sender.send(event);
  };
  const server = new PaymentServer(provider, {
    apiKey: options.apiKey,
    random: options.random ?? Math.random,
    now,
    tell,
  });
  if (sender) provider.onRecord((record) => tell(eventOf(record, provider)));
  const url = await server.app.listen({ port: options.port, host: options.host ?? '127.0.0.1' });
  return {
    url,
    ledger: () => provider.ledger(),
    close: async () => {
      sender?.close();
      await server.app.close();
      await provider.close();
    },
  };
}
