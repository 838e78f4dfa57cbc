import type { ServerResponse } from 'node:http';
import { Inject, Injectable, type OnModuleDestroy, Optional } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Log } from '@waybill/observability';
import { HttpMetrics, LOGGER, Tracing } from '@waybill/observability';
import { stopSteps } from '@waybill/resilience';
import { OpenAnswers } from '@waybill/resilience/http-server';
import type { FastifyInstance } from 'fastify';
import { answerProblem, stopping } from './answer-problem.ts';
import { Draining } from './draining.ts';
import { ProblemFilter } from './problem.filter.ts';
import type { RouteTable } from './route-table.ts';
import { ServerErrors } from './server-errors.ts';
import type { ServiceAdapter } from './service-adapter.ts';

/** Milliseconds that a response may take once the service stops. */
const longestAnswer = 2_000;

/** The HTTP entry point: prepared before the first route, and closed before anything that responses need. */
@Injectable()
export class HttpDoor implements OnModuleDestroy {
  private answers: OpenAnswers | null = null;

  constructor(
    private readonly adapters: HttpAdapterHost<ServiceAdapter>,
    private readonly draining: Draining,
    problems: ProblemFilter,
    metrics: HttpMetrics,
    private readonly errors: ServerErrors,
    @Inject(LOGGER) private readonly log: Log,
    @Optional() tracing: Tracing = Tracing.off,
  ) {
    adapters.init$.subscribe(() => {
      adapters.httpAdapter.equip(problems, metrics, tracing);
      this.answers = new OpenAnswers(this.fastify.server);
    });
  }

  get fastify(): FastifyInstance {
    return this.adapters.httpAdapter.getInstance<FastifyInstance>();
  }

  get routes(): RouteTable {
    return this.adapters.httpAdapter.routes;
  }

  /** From now on each response closes its connection. */
  leave(): void {
    this.answers?.leave();
  }

  /** New requests get 503 and their connection is closed; requests in progress continue. */
  refuseRequests(): void {
    this.adapters.httpAdapter.refuseRequests();
  }

  /** Resolves when no request is in progress. */
  requestsEnd(): Promise<void> {
    return this.adapters.httpAdapter.requests.none();
  }

  /** New requests get 503; requests in progress are answered, with 503 if that takes too long. */
  async onModuleDestroy(): Promise<void> {
    if (!this.answers) return;
    this.refuseRequests();
    this.draining.begin();
    const refuse = (response: ServerResponse): void =>
      answerProblem(response, stopping(), this.errors);
    const end = () =>
      Promise.all([this.answers?.close({ within: longestAnswer, refuse }), this.requestsEnd()]);
    await stopSteps([{ name: 'requests in hand', within: 2_500, run: end }], this.log);
  }
}
