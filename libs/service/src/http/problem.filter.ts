import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '../observe/log.ts';
import { problemType } from './problem.ts';
import { problemOf } from './problem-of.ts';

/** Answers every error as `application/problem+json`; what is our fault is logged with its correlation id. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly log: Log,
    private readonly statuses: Readonly<Record<string, number>> = {},
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  /** Never throws: it is the last one to be asked. */
  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const problem = problemOf(error, this.statuses);
    const correlationId = request.context?.correlationId;
    if (problem.status >= 500) this.tell(problem.status, error, request, correlationId);
    if (reply.sent || reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    void reply
      .code(problem.status)
      .headers(problem.headers)
      .header('content-type', problemType)
      .send(JSON.stringify(problem.body(correlationId)));
  }

  private tell(
    status: number,
    error: unknown,
    request: FastifyRequest,
    correlationId: string | undefined,
  ): void {
    const route = `${request.method} ${request.routeOptions?.url ?? 'unknown'}`;
    if (status === 503) this.log.warn({ error, route, correlationId }, 'request refused for now');
    else this.log.error({ error, route, correlationId }, 'request failed');
  }
}
