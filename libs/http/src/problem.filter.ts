import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { Clock } from '@waybill/messaging';
import type { Log } from '@waybill/observability';
import { SparseWarnings, traceFields } from '@waybill/observability';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { letBy } from './let-by.ts';
import type { Problem } from './problem.ts';
import { problemOf } from './problem-of.ts';
import { answerOf } from './problem-page.ts';

/** Answers every error as `application/problem+json`, to a browser that opens a page as a page; logs server errors with their correlation id. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly refusals: SparseWarnings;

  constructor(
    private readonly log: Log,
    clock: Clock,
    private readonly statuses: Readonly<Record<string, number>> = {},
  ) {
    this.refusals = new SparseWarnings(log, clock);
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  /** Never throws, because nothing handles errors after it. */
  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const problem = problemOf(error, this.statuses);
    if (problem.status >= 500) this.tell(problem, error, request);
    if (problem.status === 413)
      void letBy(request.raw).then(() => this.send(problem, request, reply));
    else this.send(problem, request, reply);
  }

  private send(problem: Problem, request: FastifyRequest, reply: FastifyReply): void {
    const correlationId = request.trace?.correlationId;
    if (reply.sent || reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    const { headers, body } = answerOf(problem, request.raw, correlationId);
    void reply
      .code(problem.status)
      .headers({ ...problem.headers, ...headers })
      .send(body);
  }

  private tell({ status, code }: Problem, error: unknown, request: FastifyRequest): void {
    const route = `${request.method} ${request.routeOptions?.url ?? 'unknown'}`;
    const trace = request.trace && traceFields(request.trace);
    if (status !== 503) {
      this.log.error({ error, route, ...trace }, 'request failed');
      return;
    }
    const reason = error instanceof Error ? error.message : String(error);
    this.log.debug({ code, route, reason, ...trace }, 'request refused for now');
    // The line covers many requests, so it does not carry the trace of one.
    this.refusals.warn(code, { code, route, reason }, 'requests refused for now');
  }
}
