import { type Money, timeOfId } from '@waybill/contracts';
import type { Pipeline, Resilience } from '@waybill/resilience';
import Stripe from 'stripe';
import { Agent, fetch } from 'undici';
import type {
  AuthorizationAnswer,
  CaptureAnswer,
  ChargeRequest,
  MoveRequest,
  PaymentProvider,
  RefundAnswer,
  VoidAnswer,
} from '../domain/provider.ts';
import { connectionLimits, providerCalls } from './provider-calls.ts';
import { ProviderUnreachable } from './provider-errors.ts';
import { toStripe } from './stripe-amount.ts';
import {
  authorizationOf,
  captureOf,
  type Intent,
  isOpen,
  readIntent,
  voidOf,
} from './stripe-answer.ts';
import { paymentMethodOf } from './stripe-card.ts';
import { StripeRefunds } from './stripe-refunds.ts';
import { refusalOf, type StripeRefusal } from './stripe-refusal.ts';

export interface StripeSettings {
  readonly secretKey: string;
  /** Where a double of the API is; null is Stripe's own. */
  readonly url: string | null;
  /** The page to which customers return after confirming a payment. */
  readonly returnUrl: string;
  /** Maximum concurrent calls. */
  readonly calls: number;
}

/** Milliseconds: Stripe keeps idempotency keys for at least a day, counted from the order. */
const keysLast = 20 * 60 * 60 * 1_000;
const within = 10_000;

/**
 * Stripe by its SDK. A charge is a PaymentIntent, found by its id, or by its operation in its metadata. Stripe cannot void an
 * operation that it does not know, so a void occupies the operation's key by a placeholder: the operation is then refused.
 */
export class StripePaymentClient implements PaymentProvider {
  readonly name = 'stripe';
  private readonly connections: Agent;
  private readonly stripe: Stripe;
  private readonly calls: Pipeline;
  private readonly refunds: StripeRefunds;

  constructor(
    private readonly settings: StripeSettings,
    resilience: Resilience,
    private readonly now: () => number = Date.now,
  ) {
    this.connections = new Agent({ connections: settings.calls, ...connectionLimits });
    const send = (url: string, init: object) =>
      fetch(url, { ...init, dispatcher: this.connections, redirect: 'error' });
    this.stripe = new Stripe(settings.secretKey, {
      ...placeOf(settings.url),
      httpClient: Stripe.createFetchHttpClient(send as unknown as typeof globalThis.fetch),
      maxNetworkRetries: 0,
      timeout: within,
      telemetry: false,
    });
    this.calls = providerCalls(resilience, settings.calls, '10s');
    this.refunds = new StripeRefunds(this.stripe, (operation, call) => this.call(operation, call));
  }

  async authorize(
    request: Parameters<PaymentProvider['authorize']>[0],
  ): Promise<AuthorizationAnswer> {
    const { operationId, orderId, amount } = request;
    // A key of so old an order may be forgotten, and the request would charge the card again.
    const known = this.now() - timeOfId(orderId) > keysLast && (await this.find(operationId));
    if (known) return authorizationOf(operationId, known, amount);
    const counted = toStripe(amount);
    if (!counted) return declined('amount_not_supported', null);
    const made = await this.create(operationId, {
      ...counted,
      confirm: true,
      payment_method: paymentMethodOf(request.token),
      return_url: this.settings.returnUrl,
      metadata: { orderId, operationId },
    });
    if ('status' in made) return authorizationOf(operationId, made, amount);
    if (made.isConflict) return authorizationOf(operationId, await this.known(operationId), amount);
    if (made.isDecline) return declined(made.reason, made.intentId);
    throw made.rejection(operationId);
  }

  async findAuthorization(
    request: ChargeRequest & { readonly amount: Money },
  ): Promise<AuthorizationAnswer> {
    const { authorization, amount } = request;
    return authorizationOf(authorization, await this.charge(request), amount);
  }

  async capture(request: MoveRequest): Promise<CaptureAnswer> {
    const { operationId, amount } = request;
    const counted = toStripe(amount);
    const id = request.chargeId ?? (await this.charge(request)).id;
    if (!counted) return { ...refusedMove, reason: 'amount_not_supported' };
    // Without a key: a payment is captured once in any case, and Stripe would repeat even a failure of its own for a day.
    const made = await this.intent(operationId, () =>
      this.stripe.paymentIntents.capture(id, {
        amount_to_capture: counted.amount,
        metadata: { capturedBy: operationId },
      }),
    );
    const intent = 'status' in made ? made : await this.retrieve(operationId, id);
    const answer = intent && captureOf(operationId, intent, amount);
    if (answer) return answer;
    // An earlier request of this operation may be at work.
    const isAtWork = 'status' in made || intent?.status === 'processing';
    if (!isAtWork) return { ...refusedMove, chargeId: id, reason: made.reason };
    throw new ProviderUnreachable(operationId, `the payment is ${intent?.status}`);
  }

  async void(request: ChargeRequest): Promise<VoidAnswer> {
    const { authorization, chargeId } = request;
    const intent = chargeId
      ? await this.charge(request)
      : ((await this.find(authorization)) ?? (await this.refuseFromNowOn(authorization)));
    return voidOf(authorization, await this.end(authorization, intent));
  }

  async refund(request: MoveRequest): Promise<RefundAnswer> {
    const counted = toStripe(request.amount);
    if (!counted) return { ...refusedMove, reason: 'amount_not_supported' };
    const id = request.chargeId ?? (await this.charge(request)).id;
    return this.refunds.refund(request, id, counted);
  }

  /** The order of a payment; null if it is none of ours. */
  async orderOf(intentId: string): Promise<string | null> {
    const intent = await this.retrieve(intentId, intentId);
    return intent?.metadata['orderId'] ?? null;
  }

  /** Closes every connection; calls in progress fail. */
  close(): Promise<void> {
    return this.connections.destroy();
  }

  /** The placeholder; throws while a request of the operation is known and not found yet. */
  private async refuseFromNowOn(operation: string): Promise<Intent> {
    const made = await this.create(operation, {
      amount: 1_000,
      currency: 'usd',
      metadata: { operationId: operation, voided: 'true' },
    });
    if ('status' in made) return made;
    if (made.isConflict) throw notFoundYet(operation);
    throw made.rejection(operation);
  }

  private async end(operation: string, intent: Intent): Promise<Intent> {
    if (!isOpen(intent)) return intent;
    const made = await this.intent(operation, () => this.stripe.paymentIntents.cancel(intent.id));
    return 'status' in made ? made : ((await this.retrieve(operation, intent.id)) ?? intent);
  }

  private async charge({ authorization, chargeId }: ChargeRequest): Promise<Intent> {
    if (!chargeId) return this.known(authorization);
    const found = await this.retrieve(authorization, chargeId);
    if (found) return found;
    throw new ProviderUnreachable(authorization, `there is no payment ${chargeId}`);
  }

  private async known(operation: string): Promise<Intent> {
    const found = await this.find(operation);
    if (found) return found;
    throw notFoundYet(operation);
  }

  /** What is found may lag behind by a minute, so it is read again; and what is not found may exist. */
  private async find(operation: string): Promise<Intent | null> {
    const query = `metadata['operationId']:'${operation}'`;
    const found = await this.call(operation, () =>
      this.stripe.paymentIntents.search({ query, limit: 1 }),
    );
    if (!('data' in found)) throw found.rejection(operation);
    const [first] = found.data;
    return first ? this.retrieve(operation, first.id) : null;
  }

  private async retrieve(operation: string, id: string): Promise<Intent | null> {
    const found = await this.intent(operation, () => this.stripe.paymentIntents.retrieve(id));
    return 'status' in found ? found : null;
  }

  /** A repeated request gets the response of the first one, so the payment is read again. */
  private async create(
    operation: string,
    params: Stripe.PaymentIntentCreateParams,
  ): Promise<Intent | StripeRefusal> {
    const made = await this.call(operation, () =>
      this.stripe.paymentIntents.create(
        { ...params, capture_method: 'manual', allowed_payment_method_types: ['card'] },
        { idempotencyKey: operation },
      ),
    );
    if (!('object' in made)) return made;
    const headers = new Headers(made.lastResponse.headers);
    const isRepeated = headers.get('idempotent-replayed') === 'true';
    return (isRepeated && (await this.retrieve(operation, made.id))) || readIntent(operation, made);
  }

  private async intent(
    operation: string,
    request: () => Promise<Stripe.PaymentIntent>,
  ): Promise<Intent | StripeRefusal> {
    const made = await this.call(operation, request);
    return 'object' in made ? readIntent(operation, made) : made;
  }

  private call<T>(operation: string, request: () => Promise<T>): Promise<T | StripeRefusal> {
    return this.calls.run(() => request().catch((error) => refusalOf(operation, error)));
  }
}

const nothing = { amount: 0, currency: null, chargeId: null } as const;

const refusedMove = { ...nothing, status: 'refused' } as const;

const declined = (reason: string, chargeId: string | null): AuthorizationAnswer => ({
  ...nothing,
  status: 'declined',
  chargeId,
  reason,
});

const notFoundYet = (operation: string) =>
  new ProviderUnreachable(operation, 'it is known, and is not found yet');

function placeOf(url: string | null): Partial<ConstructorParameters<typeof Stripe>[1]> {
  if (url === null) return {};
  const { hostname, port, protocol } = new URL(url);
  const isPlain = protocol === 'http:';
  return {
    host: hostname,
    port: port || (isPlain ? '80' : '443'),
    protocol: isPlain ? 'http' : 'https',
  };
}
