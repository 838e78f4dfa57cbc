import { requestLimits } from '@waybill/resilience/http-server';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { ZodError, z } from 'zod';
import { type MailFaults, mailFaults, noFaults } from './faults.ts';
import type { Mailbox } from './mailbox.ts';
import { pageOf } from './page.ts';

const policy =
  "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'self'; frame-ancestors 'none'";
const filter = { to: z.string().min(1).max(320).optional() };
const listQuery = z.strictObject({
  ...filter,
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
});
const id = z.coerce.number().int().min(1);
const pageQuery = z.strictObject({ ...filter, id: id.optional() });
const found = z.object({ id });

/** The page of what has arrived, the same as JSON, and the faults. */
export class MailPages {
  readonly app: FastifyInstance;
  faults: MailFaults = noFaults;

  constructor(private readonly mailbox: Mailbox) {
    const limits = requestLimits();
    this.app = Fastify({
      bodyLimit: 64 * 1024,
      http: limits,
      requestTimeout: limits.requestTimeout,
    });
    this.app.setErrorHandler((error, _request, reply) => answerProblem(error, reply));
    this.app.get('/health', () => ({ status: 'ok' }));
    this.app.get('/faults', () => this.faults);
    this.app.put('/faults', ({ body }) => {
      this.faults = mailFaults.parse(body);
      return this.faults;
    });
    this.serveMails();
  }

  private serveMails(): void {
    const { app, mailbox } = this;
    app.get('/', ({ query }, reply) => {
      const { to, id: shown } = pageQuery.parse(query);
      const mails = mailbox.list(200, to);
      const mail = shown === undefined ? mails[0] : mailbox.find(shown);
      return reply
        .header('content-type', 'text/html; charset=utf-8')
        .header('content-security-policy', policy)
        .header('cache-control', 'no-store')
        .send(pageOf({ mails, mail, to }));
    });
    app.get('/messages', ({ query }) => {
      const { to, limit } = listQuery.parse(query);
      return { items: mailbox.list(limit, to) };
    });
    app.get('/messages/:id', ({ params }, reply) => {
      const mail = mailbox.find(found.parse(params).id);
      return mail ?? reply.code(404).send(problem(404, 'not_found', 'there is no such mail'));
    });
    app.delete('/messages', (_request, reply) => {
      mailbox.clear();
      return reply.code(204).send();
    });
  }
}

const problem = (status: number, code: string, detail: string) => ({
  type: 'about:blank',
  status,
  code,
  detail,
});

function answerProblem(error: unknown, reply: FastifyReply): void {
  const status =
    error instanceof ZodError ? 400 : ((error as { statusCode?: number }).statusCode ?? 500);
  const detail =
    error instanceof ZodError
      ? error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
      : (error as Error).message;
  const answer =
    status < 500
      ? problem(status, 'invalid_request', detail)
      : problem(500, 'internal_error', 'the mail server stumbled');
  reply.code(answer.status).type('application/problem+json').send(answer);
}
