import type { FastifyInstance, FastifyRequest } from 'fastify';
import type Stripe from 'stripe';
import { ZodError } from 'zod';
import type { Explain, Outcome } from '../answering.ts';
import { type Challenge, serveChallenges } from '../challenge-page.ts';
import { Refused } from '../operation.ts';
import { voidRequest } from '../requests.ts';
import { SandboxApp } from '../sandbox-app.ts';
import { type Delivery, deliveryOf } from '../tokens.ts';
import type { StripeBooks, StripeChange } from './stripe-books.ts';
import { cardOutcome } from './stripe-cards.ts';
import { StripeError } from './stripe-error.ts';
import { StripeOperations } from './stripe-operations.ts';
import {
  captureParams,
  disputeParams,
  formOf,
  intentParams,
  refundParams,
} from './stripe-requests.ts';

export interface StripeServerOptions {
  readonly secretKey: string;
  /** The key of what is not Stripe's: `/ledger`, `/faults` and `/disputes`. */
  readonly apiKey: string;
  readonly random: () => number;
  readonly publicUrl?: string | undefined;
}

type ById = FastifyRequest<{ Params: { id: string }; Querystring: Record<string, string> }>;

/** The part of Stripe's API that the payment service uses. */
export class StripeServer {
  readonly app: FastifyInstance;
  private readonly sandbox: SandboxApp;
  private readonly operations: StripeOperations;

  constructor(
    private readonly books: StripeBooks,
    private readonly options: StripeServerOptions,
  ) {
    const { secretKey, apiKey, random } = options;
    const keyOf = (path: string) => (path.startsWith('/v1/') ? secretKey : apiKey);
    this.sandbox = new SandboxApp({ keyOf, random, explain });
    this.app = this.sandbox.app;
    this.operations = new StripeOperations(books);
    this.takePayments();
    this.takeReads();
    this.takeAdministration();
    serveChallenges(this.app, {
      find: (id) => viewOf(books.intent(id)),
      decide: async (id, approved) => {
        const decided = this.operations.decide(id, approved);
        if (decided) await books.once({ key: null, request: 'decide' }, () => decided);
      },
    });
  }

  /** True while every webhook is sent twice. */
  duplicates(): boolean {
    return this.sandbox.faults.duplicates;
  }

  private takePayments(): void {
    const { operations } = this;
    this.post('/v1/payment_intents', (form, request) => {
      const params = intentParams.parse(form);
      return operations.createIntent(params, (id) => `${this.originOf(request)}/challenges/${id}`);
    });
    this.post('/v1/payment_intents/:id/capture', (form, { params }) =>
      operations.capture(params.id, captureParams.parse(form)),
    );
    this.post('/v1/payment_intents/:id/cancel', (_, { params }) => operations.cancel(params.id));
    this.post('/v1/refunds', (form) => operations.refund(refundParams.parse(form)));
    this.post('/v1/disputes/:id', (form, { params }) =>
      operations.noteDispute(params.id, disputeParams.parse(form).metadata),
    );
    this.post('/v1/disputes/:id/close', (_, { params }) => operations.closeDispute(params.id));
  }

  private takeReads(): void {
    const of = ({ query }: ById) => query['payment_intent'] ?? '';
    this.read('/v1/payment_intents/search', ({ query }) => {
      const [, name = '', value] = /metadata\['(\w+)'\]:'([^']+)'/.exec(query['query'] ?? '') ?? [];
      const found = this.books
        .all('payment_intent')
        .filter(({ metadata }) => metadata[name] === value && !this.sandbox.faults.searchLags);
      return { ...listOf(found), object: 'search_result' };
    });
    this.read('/v1/payment_intents/:id', ({ params }) => this.operations.intent(params.id));
    this.read('/v1/refunds', (request) =>
      listOf(this.books.all('refund').filter((each) => each.payment_intent === of(request))),
    );
    this.read('/v1/disputes', (request) => listOf(this.operations.disputesOf(of(request))));
  }

  private takeAdministration(): void {
    this.app.get('/ledger', () => ({ orders: this.books.ledger() }));
    this.app.post('/disputes', async (request, reply) => {
      const { authorization } = voidRequest.parse(request.body);
      const isIt = ({ metadata }: Stripe.PaymentIntent) =>
        metadata['operationId'] === authorization;
      const intent = this.books.all('payment_intent').find(isIt);
      if (!intent) throw new Refused(404, 'unknown_operation', `there is no ${authorization}`);
      const once = { key: null, request: 'dispute' };
      const { body } = await this.books.once(once, () => this.operations.openDispute(intent.id));
      return reply.code(202).send(body);
    });
  }

  private post(
    url: string,
    make: (form: Record<string, unknown>, request: ById) => StripeChange,
  ): void {
    this.app.post<{ Params: { id: string }; Querystring: Record<string, string> }>(
      url,
      (request, reply) =>
        this.sandbox.answer(reply, () =>
          outcomeOf(async () => {
            const text = String(request.body ?? '');
            const form = formOf(text);
            const method = String(form['payment_method'] ?? '');
            if (deliveryOf(method, true) === 'unreachable')
              return { body: {}, delivery: 'unreachable' };
            const key = request.headers['idempotency-key'];
            const once = {
              key: typeof key === 'string' ? key : null,
              request: `${request.url} ${text}`,
            };
            const made = await this.books.once(once, () => make(form, request));
            return { ...made, ...deliveredAs(method, made.isRepeated) };
          }),
        ),
    );
  }

  private read(url: string, find: (request: ById) => object): void {
    this.app.get<{ Params: { id: string }; Querystring: Record<string, string> }>(
      url,
      (request, reply) =>
        this.sandbox.answer(reply, () =>
          outcomeOf(async () => ({ body: find(request), delivery: 'answer' })),
        ),
    );
  }

  private originOf({ protocol, host }: FastifyRequest): string {
    return this.options.publicUrl ?? `${protocol}://${host}`;
  }
}

/** Errors are in Stripe's form, and delivered under the current faults like every response. */
async function outcomeOf(handle: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await handle();
  } catch (error) {
    if (error instanceof StripeError) {
      return { status: error.status, body: { error: error.error }, delivery: 'answer' };
    }
    if (!(error instanceof ZodError)) throw error;
    const [problem] = error.issues;
    const param = problem?.path.join('.') ?? '';
    const invalid = StripeError.invalid(problem?.message ?? '', { param });
    return { status: 400, body: { error: invalid.error }, delivery: 'answer' };
  }
}

const explain: Explain = (code, message) => ({
  error: {
    type: code === 'invalid_request' ? 'invalid_request_error' : 'api_error',
    code,
    message,
  },
});

const deliveredAs = (
  method: string,
  isRepeated: boolean,
): { readonly delivery: Delivery; readonly headers: Record<string, string> } => ({
  delivery: deliveryOf(method, !isRepeated),
  headers: isRepeated ? { 'idempotent-replayed': 'true' } : {},
});

const listOf = (data: readonly object[]) => ({ object: 'list', data, has_more: false, url: '/' });

function viewOf(intent: Stripe.PaymentIntent | undefined): Challenge | undefined {
  if (cardOutcome(String(intent?.payment_method))?.kind !== 'needs_action' || !intent)
    return undefined;
  const { id: chargeId, amount, currency, status } = intent;
  const undecided = status === 'canceled' ? 'too_late' : 'open';
  const isApproved = intent.latest_charge !== null;
  const decision = isApproved || (intent.last_payment_error ? false : undecided);
  return { chargeId, amount, currency: currency.toUpperCase(), decision };
}
