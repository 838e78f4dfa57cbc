import type { ServerResponse } from 'node:http';
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Clock } from '@waybill/messaging';
import { OpenAnswers } from '@waybill/resilience/http-server';
import type { FastifyInstance } from 'fastify';
import { AccessGuard } from '../auth/access.guard.ts';
import type { ServiceTokens } from '../auth/service-tokens.ts';
import type { TokenVerifier } from '../auth/token-verifier.ts';
import type { Certificate } from '../config/tls.config.ts';
import { HttpMetrics } from '../observe/http-metrics.ts';
import type { Log } from '../observe/log.ts';
import type { Metrics } from '../observe/metrics.ts';
import { NestLog } from '../observe/nest-log.ts';
import { answerProblem, stopping } from './answer-problem.ts';
import { ProblemFilter } from './problem.filter.ts';
import type { RequestsInHand } from './requests-in-hand.ts';
import type { RouteTable } from './route-table.ts';
import { ServiceAdapter } from './service-adapter.ts';
import { UndeclaredInputGuard } from './undeclared-input.guard.ts';
import { ValidationPipe } from './validation.pipe.ts';

export interface AppOptions {
  readonly module: Type | DynamicModule;
  readonly log: Log;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly verifier: TokenVerifier;
  readonly serviceTokens: ServiceTokens;
  /** By which it serves; default: in the clear. */
  readonly certificate?: Certificate | null;
  /** HTTP status by the `code` of errors that routes throw. */
  readonly problems?: Readonly<Record<string, number>>;
}

/** An application with the edge of Waybill; not yet initialised. */
export interface HostedApp {
  readonly app: NestFastifyApplication;
  readonly fastify: FastifyInstance;
  readonly routes: RouteTable;
  readonly requests: RequestsInHand;
  /** From now on each answer is the last of its connection. */
  leave(): void;
  /** New requests get 503 and lose their connection; those in hand go on. */
  refuseRequests(): void;
  /** Stops its server: answers that do not come within so many milliseconds are 503. */
  stopListening(within: number): Promise<void>;
}

/** Makes a Nest application on Fastify: strict input, problems, access, metrics by route. Needs no database. */
export async function createApp(options: AppOptions): Promise<HostedApp> {
  const problems = new ProblemFilter(options.log, options.clock, options.problems);
  const adapter = new ServiceAdapter(
    problems,
    new HttpMetrics(options.metrics),
    options.certificate ?? null,
  );
  const fastify = adapter.getInstance<FastifyInstance>();
  const app = await NestFactory.create<NestFastifyApplication>(options.module, adapter, {
    logger: new NestLog(options.log),
    abortOnError: false,
    autoFlushLogs: true,
  });
  app.useGlobalFilters(problems);
  app.useGlobalPipes(new ValidationPipe());
  app.useGlobalGuards(
    new AccessGuard(options.verifier, options.serviceTokens),
    new UndeclaredInputGuard(),
  );
  const { routes, requests } = adapter;
  const answers = new OpenAnswers(fastify.server);
  const refuse = (response: ServerResponse): void => answerProblem(response, stopping());
  return {
    app,
    fastify,
    routes,
    requests,
    leave: () => answers.leave(),
    refuseRequests: () => adapter.refuseRequests(),
    stopListening: (within) => answers.close({ within, refuse }),
  };
}
