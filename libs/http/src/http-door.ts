import type { ServerResponse } from 'node:http';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Log } from '@waybill/observability';
import { HttpMetrics, LOGGER } from '@waybill/observability';
import { stopSteps } from '@waybill/resilience';
import { OpenAnswers } from '@waybill/resilience/http-server';
import type { FastifyInstance } from 'fastify';
import { answerProblem, stopping } from './answer-problem.ts';
import { Draining } from './draining.ts';
import { ProblemFilter } from './problem.filter.ts';
import type { RouteTable } from './route-table.ts';
import type { ServiceAdapter } from './service-adapter.ts';

/** What an answer may take once the service stops. */
const longestAnswer = 2_000;

/** Where requests come in: prepared before the first route, and closed before anything that answers need. */
@Injectable()
export class HttpDoor implements OnModuleDestroy {
  private answers: OpenAnswers | null = null;

  constructor(
    private readonly adapters: HttpAdapterHost<ServiceAdapter>,
    private readonly draining: Draining,
    problems: ProblemFilter,
    metrics: HttpMetrics,
    @Inject(LOGGER) private readonly log: Log,
  ) {
    adapters.init$.subscribe(() => {
      adapters.httpAdapter.equip(problems, metrics);
      this.answers = new OpenAnswers(this.fastify.server);
    });
  }

  get fastify(): FastifyInstance {
    return this.adapters.httpAdapter.getInstance<FastifyInstance>();
  }

  get routes(): RouteTable {
    return this.adapters.httpAdapter.routes;
  }

  /** From now on each answer is the last of its connection. */
  leave(): void {
    this.answers?.leave();
  }

  /** New requests get 503 and lose their connection; those in hand go on. */
  refuseRequests(): void {
    this.adapters.httpAdapter.refuseRequests();
  }

  /** Resolves when no request is in hand. */
  requestsEnd(): Promise<void> {
    return this.adapters.httpAdapter.requests.none();
  }

  /** New requests get 503; those in hand are answered, with 503 when that takes too long. */
  async onModuleDestroy(): Promise<void> {
    if (!this.answers) return;
    this.refuseRequests();
    this.draining.begin();
    const refuse = (response: ServerResponse): void => answerProblem(response, stopping());
    const end = () =>
      Promise.all([this.answers?.close({ within: longestAnswer, refuse }), this.requestsEnd()]);
    await stopSteps([{ name: 'requests in hand', within: 2_500, run: end }], this.log);
  }
}
