import { createHash, timingSafeEqual } from 'node:crypto';
import { requestLimits } from '@waybill/resilience/http-server';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { ZodError } from 'zod';
import { answering, keyOf, type Outcome } from './answering.ts';
import { serveChallenges } from './challenge-page.ts';
import { type Faults, faults as faultsSchema, noFaults } from './faults.ts';
import { type Answer, Refused } from './operation.ts';
import type { PaymentProvider } from './payment-provider.ts';
import { authorizeRequest, moveRequest, operationId, voidRequest } from './requests.ts';
import { deliveryOf } from './tokens.ts';
import { chargeEvent, type ProviderEvent } from './webhooks.ts';

export interface ServerOptions {
  readonly apiKey: string;
  readonly random: () => number;
  readonly now: () => Date;
  readonly tell: (event: ProviderEvent) => void;
  /** Where customers find the pages on which they confirm payments; default: the address of the request. */
  readonly publicUrl?: string | undefined;
}

/** The provider's HTTP API; every endpoint except `/health` needs the API key. */
export class PaymentServer {
  readonly app: FastifyInstance;
  private faults: Faults = noFaults;

  constructor(
    private readonly provider: PaymentProvider,
    private readonly options: ServerOptions,
  ) {
    const limits = requestLimits();
    this.app = fastify({
      bodyLimit: 64 * 1024,
      http: limits,
      requestTimeout: limits.requestTimeout,
    });
    this.checkCallers();
    this.explainErrors();
    this.takePayments();
    this.takeAdministration();
    serveChallenges(this.app, provider);
    this.app.get('/health', () => ({ status: 'ok' }));
  }

  /** True while every webhook is sent twice. */
  duplicates(): boolean {
    return this.faults.duplicates;
  }

  private checkCallers(): void {
    const expected = digest(`Bearer ${this.options.apiKey}`);
    this.app.addHook('onRequest', async (request, reply) => {
      if (request.url === '/health' || request.url.startsWith('/challenges/')) return undefined;
      const given = digest(request.headers.authorization ?? '');
      if (timingSafeEqual(given, expected)) return undefined;
      return reply.code(401).send({ code: 'unauthorized', message: 'the API key is wrong' });
    });
  }

  private explainErrors(): void {
    this.app.setErrorHandler((error, _request, reply) => {
      if (error instanceof Refused) {
        return reply.code(error.status).send({ code: error.code, message: error.message });
      }
      if (error instanceof ZodError) {
        const errors = error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
        return reply
          .code(400)
          .send({ code: 'invalid_request', message: 'the body is wrong', errors });
      }
      const status = (error as { statusCode?: number }).statusCode ?? 503;
      const code = status < 500 ? 'invalid_request' : 'unavailable';
      return reply.code(status).send({ code, message: 'the request cannot be handled' });
    });
    this.app.setNotFoundHandler((_request, reply) =>
      reply.code(404).send({ code: 'not_found', message: 'there is no such route' }),
    );
  }

  private takePayments(): void {
    this.operation('/v1/authorizations', async (key, body, origin) => {
      const request = authorizeRequest.parse(body);
      const id = operationId.parse(key());
      // Requests with this card never reach the books.
      if (deliveryOf(request.token, true) === 'unreachable') {
        return { body: {}, delivery: 'unreachable' };
      }
      const { answer, first } = await this.provider.authorize(id, request);
      return { body: this.withPage(answer, origin), delivery: deliveryOf(request.token, first) };
    });
    this.operation('/v1/captures', async (key, body) => ({
      body: await this.provider.capture(operationId.parse(key()), moveRequest.parse(body)),
      delivery: 'answer',
    }));
    this.operation('/v1/refunds', async (key, body) => ({
      body: await this.provider.refund(operationId.parse(key()), moveRequest.parse(body)),
      delivery: 'answer',
    }));
    this.operation('/v1/voids', async (_key, body) => ({
      body: await this.provider.void(voidRequest.parse(body).authorization),
      delivery: 'answer',
    }));
    this.app.get('/v1/operations', (request, reply) =>
      this.answer(reply, async () => {
        const { id } = request.query as { id?: unknown };
        const found = await this.provider.find(operationId.parse(id));
        return { body: this.withPage(found, originOf(request)), delivery: 'answer' };
      }),
    );
  }

  private operation(
    url: string,
    handle: (key: () => unknown, body: unknown, origin: string) => Promise<Outcome>,
  ): void {
    this.app.post(url, (request, reply) =>
      this.answer(reply, () => handle(() => keyOf(request), request.body, originOf(request))),
    );
  }

  private withPage(answer: Answer, origin: string): object {
    if (answer.status !== 'requires_action') return answer;
    const { publicUrl = origin } = this.options;
    return { ...answer, actionUrl: `${publicUrl}/challenges/${answer.chargeId}` };
  }

  private answer(reply: Parameters<typeof answering>[2], handle: () => Promise<Outcome>) {
    return answering(this.faults, this.options.random, reply, handle);
  }

  private takeAdministration(): void {
    this.app.get('/ledger', () => ({ orders: this.provider.ledger() }));
    this.app.get('/faults', () => this.faults);
    this.app.put('/faults', (request) => {
      this.faults = faultsSchema.parse(request.body);
      return this.faults;
    });
    this.app.post('/disputes', (request, reply) => {
      const { authorization } = voidRequest.parse(request.body);
      const at = this.options.now().toISOString();
      const event = chargeEvent('charge.disputed', authorization, authorization, at, this.provider);
      if (!event)
        throw new Refused(404, 'unknown_operation', `there is no charge ${authorization}`);
      this.options.tell(event);
      return reply.code(202).send(event);
    });
  }
}

const originOf = ({ protocol, host }: FastifyRequest): string => `${protocol}://${host}`;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
