import { createHash, timingSafeEqual } from 'node:crypto';
import { requestLimits } from '@waybill/resilience/http-server';
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { ZodError } from 'zod';
import { answering, type Explain, type Outcome } from './answering.ts';
import { type Faults, faults as faultsSchema, noFaults } from './faults.ts';
import { Refused } from './operation.ts';

export interface SandboxAppOptions {
  /** The key that a request of this path needs. */
  readonly keyOf: (path: string) => string;
  readonly random: () => number;
  readonly explain: Explain;
}

/** What every API of the sandbox has: limits, keys, errors in its form, and faults. `/health` and the customers' pages are open. */
export class SandboxApp {
  readonly app: FastifyInstance;
  faults: Faults = noFaults;

  constructor(private readonly options: SandboxAppOptions) {
    const limits = requestLimits();
    this.app = fastify({
      bodyLimit: 64 * 1024,
      http: limits,
      requestTimeout: limits.requestTimeout,
    });
    this.checkCallers();
    this.explainErrors();
    this.app.get('/health', () => ({ status: 'ok' }));
    this.app.get('/faults', () => this.faults);
    this.app.put('/faults', (request) => {
      this.faults = faultsSchema.parse(request.body);
      return this.faults;
    });
  }

  /** Sends the outcome of `handle` under the current faults. */
  answer(reply: FastifyReply, handle: () => Promise<Outcome>): Promise<unknown> {
    const { random, explain } = this.options;
    return answering({ faults: this.faults, random, explain }, reply, handle);
  }

  private checkCallers(): void {
    this.app.addHook('onRequest', async (request, reply) => {
      if (request.url === '/health' || request.url.startsWith('/challenges/')) return undefined;
      const expected = digest(`Bearer ${this.options.keyOf(request.url)}`);
      const given = digest(request.headers.authorization ?? '');
      if (timingSafeEqual(given, expected)) return undefined;
      return reply.code(401).send(this.options.explain('unauthorized', 'the API key is wrong'));
    });
  }

  private explainErrors(): void {
    const { explain } = this.options;
    this.app.setErrorHandler((error, _request, reply) => {
      if (error instanceof Refused) {
        return reply.code(error.status).send(explain(error.code, error.message));
      }
      if (error instanceof ZodError) {
        const errors = error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
        return reply.code(400).send(explain('invalid_request', 'the body is wrong', errors));
      }
      const status = (error as { statusCode?: number }).statusCode ?? 503;
      const code = status < 500 ? 'invalid_request' : 'unavailable';
      return reply.code(status).send(explain(code, 'the request cannot be handled'));
    });
    this.app.setNotFoundHandler((_request, reply) =>
      reply.code(404).send(explain('not_found', 'there is no such route')),
    );
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
