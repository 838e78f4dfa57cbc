import { OpenAnswers } from '@waybill/resilience/http-server';
import type { OrderSums } from './charges.ts';
import { PaymentProvider } from './payment-provider.ts';
import { PaymentServer } from './server.ts';
import {
  type EventReceiver,
  EventTeller,
  eventOf,
  isWanted,
  type ProviderEvent,
} from './webhooks.ts';

export interface PaymentProviderOptions {
  /** The file of the books. */
  readonly dataFile: string;
  readonly apiKey: string;
  /** 0: any free port. */
  readonly port: number;
  readonly host?: string;
  /** Where customers reach it, if that is not where its caller does. */
  readonly publicUrl?: string | undefined;
  /** The receiver of webhooks; without it none are sent. */
  readonly webhooks?: EventReceiver;
  readonly now?: () => Date;
  readonly random?: () => number;
}

export interface RunningPaymentProvider {
  readonly url: string;
  ledger(): readonly OrderSums[];
  /** Resolves when the books are broken: this process must end, and be restarted. */
  readonly failed: Promise<Error>;
  close(): Promise<void>;
}

/** Milliseconds that a response may take during shutdown; a caller without a response retries. */
const longestAnswer = 2_000;

/** Starts the provider's HTTP API with the books of earlier runs. */
export async function startPaymentProvider(
  options: PaymentProviderOptions,
): Promise<RunningPaymentProvider> {
  const now = options.now ?? (() => new Date());
  const provider = await PaymentProvider.open({ dataFile: options.dataFile, now });
  const { webhooks } = options;
  const teller = webhooks && new EventTeller(webhooks, now);
  const tell = (event: ProviderEvent | undefined): void => {
    if (!event || !teller || !isWanted(webhooks, event.type)) return;
    teller.send(event);
    if (server.duplicates()) teller.send(event);
  };
  const server = new PaymentServer(provider, {
    apiKey: options.apiKey,
    publicUrl: options.publicUrl,
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
