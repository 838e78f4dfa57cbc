import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Explain, keyOf, type Outcome } from './answering.ts';
import { type Challenge, serveChallenges } from './challenge-page.ts';
import type { Charge } from './charges.ts';
import { type Answer, Refused } from './operation.ts';
import type { PaymentProvider } from './payment-provider.ts';
import { authorizeRequest, moveRequest, operationId, voidRequest } from './requests.ts';
import { SandboxApp } from './sandbox-app.ts';
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
  private readonly sandbox: SandboxApp;

  constructor(
    private readonly provider: PaymentProvider,
    private readonly options: ServerOptions,
  ) {
    const { apiKey, random } = options;
    const explain: Explain = (code, message, errors) => ({
      code,
      message,
      ...(errors && { errors }),
    });
    this.sandbox = new SandboxApp({ keyOf: () => apiKey, random, explain });
    this.app = this.sandbox.app;
    this.takePayments();
    this.takeAdministration();
    serveChallenges(this.app, {
      find: (id) => viewOf(provider.challenged(id)),
      decide: async (id, approved) => {
        await provider.decide(id, approved);
      },
    });
  }

  /** True while every webhook is sent twice. */
  duplicates(): boolean {
    return this.sandbox.faults.duplicates;
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
      this.sandbox.answer(reply, async () => {
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
      this.sandbox.answer(reply, () =>
        handle(() => keyOf(request), request.body, originOf(request)),
      ),
    );
  }

  private withPage(answer: Answer, origin: string): object {
    if (answer.status !== 'requires_action') return answer;
    const { publicUrl = origin } = this.options;
    return { ...answer, actionUrl: `${publicUrl}/challenges/${answer.chargeId}` };
  }

  private takeAdministration(): void {
    this.app.get('/ledger', () => ({ orders: this.provider.ledger() }));
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

const viewOf = (charge: Charge | undefined): Challenge | undefined =>
  charge && {
    ...charge,
    decision:
      charge.approved === 'open' && charge.voided ? 'too_late' : (charge.approved ?? 'open'),
  };
