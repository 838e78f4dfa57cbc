import { createHmac } from 'node:crypto';
import { OpenAnswers } from '@waybill/resilience/http-server';
import type { WebhookSigner, WebhookTarget } from '@waybill/webhooks';
import type Stripe from 'stripe';
import type { PaymentProviderOptions, RunningPaymentProvider } from '../start.ts';
import { EventTeller } from '../webhooks.ts';
import { StripeBooks } from './stripe-books.ts';
import { StripeServer } from './stripe-server.ts';

export interface StripeDoubleOptions extends Omit<PaymentProviderOptions, 'webhooks'> {
  readonly secretKey: string;
  /** The receiver of webhooks; without it none are sent. */
  readonly webhooks?: WebhookTarget;
}

/** Milliseconds that a response may take during shutdown; a caller without a response retries. */
const longestAnswer = 2_000;

/** Starts a double of Stripe's API with the books of earlier runs. */
export async function startStripeDouble(
  options: StripeDoubleOptions,
): Promise<RunningPaymentProvider> {
  const now = options.now ?? (() => new Date());
  const teller = options.webhooks && new EventTeller(options.webhooks, now, stripeSignature);
  const tell = (event: Stripe.Event): void => {
    teller?.send(event);
    if (server.duplicates()) teller?.send(event);
  };
  const books = await StripeBooks.open(options.dataFile, now, tell);
  const server = new StripeServer(books, {
    secretKey: options.secretKey,
    apiKey: options.apiKey,
    publicUrl: options.publicUrl,
    random: options.random ?? Math.random,
  });
  const answers = new OpenAnswers(server.app.server);
  const url = await server.app.listen({ port: options.port, host: options.host ?? '127.0.0.1' });
  return {
    url,
    ledger: () => books.ledger(),
    failed: books.failed,
    close: async () => {
      await answers.close({ within: longestAnswer });
      await server.app.close();
      await teller?.close();
      await books.close();
    },
  };
}

/** Stripe signs with the whole secret, also its `whsec_`. */
export const stripeSignature: WebhookSigner = (secret, { body }, now) => {
  const at = Math.floor(now.getTime() / 1_000);
  const mac = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex');
  return { 'stripe-signature': `t=${at},v1=${mac}` };
};
