import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { letBy } from './let-by.ts';
import type { Problem } from './problem.ts';
import { problemOf } from './problem-of.ts';
import { answerOf } from './problem-page.ts';
import type { ServerErrors } from './server-errors.ts';

/** Answers every error as `application/problem+json`, to a browser that opens a page as a page; logs server errors with their correlation id. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly errors: ServerErrors,
    private readonly statuses: Readonly<Record<string, number>> = {},
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  /** Never throws, because nothing handles errors after it. */
  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const problem = problemOf(error, this.statuses);
    if (problem.status >= 500) {
      const route = `${request.method} ${request.routeOptions?.url ?? 'unknown'}`;
      this.errors.tell(problem, { error, route, correlationId: request.trace?.correlationId });
    }
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
}
