import { OpenAnswers } from '@waybill/resilience/http-server';
import type { OrderSums } from './charges.ts';
import { PaymentProvider } from './payment-provider.ts';
import { PaymentServer } from './server.ts';
import { type EventReceiver, EventTeller, eventOf, type ProviderEvent } from './webhooks.ts';

export interface PaymentProviderOptions {
  /** Where the books are kept. */
  readonly dataFile: string;
  readonly apiKey: string;
  /** 0: any free port. */
  readonly port: number;
  readonly host?: string;
  /** Without it no webhooks are sent. */
  readonly webhooks?: EventReceiver;
  readonly now?: () => Date;
  readonly random?: () => number;
}

export interface RunningPaymentProvider {
  readonly url: string;
  ledger(): readonly OrderSums[];
  /** Resolves when the books are broken: this process must end, and be started again. */
  readonly failed: Promise<Error>;
  close(): Promise<void>;
}

/** What an answer may take once it stops; a caller who gets none asks again. */
const longestAnswer = 2_000;

/** Starts the provider over HTTP, with the books of an earlier run. */
export async function startPaymentProvider(
  options: PaymentProviderOptions,
): Promise<RunningPaymentProvider> {
  const now = options.now ?? (() => new Date());
  const provider = await PaymentProvider.open({ dataFile: options.dataFile, now });
  const teller = options.webhooks && new EventTeller(options.webhooks, now);
  const tell = (event: ProviderEvent | undefined): void => {
    if (!event || !teller) return;
    teller.send(event);
    if (server.duplicates()) teller.send(event);
  };
  const server = new PaymentServer(provider, {
    apiKey: options.apiKey,
    random: options.random ?? Math.random,
    now,
    tell,
  });
  if (teller) provider.onRecord((record) => tell(eventOf(record, provider)));
  const answers = new OpenAnswers(server.app.server);
  const url = await server.app.listen({ port: options.port, host: options.host ?? '127.0.0.1' });
  return {
    url,
    ledger: () => provider.ledger(),
    failed: provider.failed,
    close: async () => {
      await answers.close({ within: longestAnswer });
      await server.app.close();
      await teller?.close();
      await provider.close();
    },
  };
}
