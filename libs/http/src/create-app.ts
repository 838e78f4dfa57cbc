import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Clock } from '@waybill/messaging';
import { CLOCK } from '@waybill/messaging';
import type { Log } from '@waybill/observability';
import { LOGGER, Metrics, NestLog } from '@waybill/observability';
import type { FastifyInstance } from 'fastify';
import { ServiceTokens } from './auth/service-tokens.ts';
import type { TokenVerifier } from './auth/token-verifier.ts';
import { EdgeModule } from './edge.module.ts';
import { HttpDoor } from './http-door.ts';
import type { RouteTable } from './route-table.ts';
import type { Certificate } from './service-adapter.ts';
import { ServiceAdapter } from './service-adapter.ts';
import { PROBLEM_STATUSES, TOKEN_VERIFIER } from './tokens.ts';

export interface AppOptions {
  readonly module: Type | DynamicModule;
  readonly log: Log;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly verifier: TokenVerifier;
  readonly serviceTokens: ServiceTokens;
  /** The certificate to serve TLS with; default: no TLS. */
  readonly certificate?: Certificate | null;
  /** HTTP status by the `code` of errors that routes throw. */
  readonly problems?: Readonly<Record<string, number>>;
}

/** An application with Waybill's HTTP edge, not yet initialised. */
export interface HostedApp {
  readonly app: NestFastifyApplication;
  readonly door: HttpDoor;
  readonly fastify: FastifyInstance;
  readonly routes: RouteTable;
}

@Module({})
class AppModule {}

@Module({})
class AppHostModule {}

/** Makes an application that has the HTTP edge of a service, and no database. */
export async function createApp(options: AppOptions): Promise<HostedApp> {
  const providers = [
    { provide: LOGGER, useValue: options.log },
    { provide: CLOCK, useValue: options.clock },
    { provide: Metrics, useValue: options.metrics },
    { provide: TOKEN_VERIFIER, useValue: options.verifier },
    { provide: ServiceTokens, useValue: options.serviceTokens },
    { provide: PROBLEM_STATUSES, useValue: options.problems ?? {} },
  ];
  const host: DynamicModule = {
    module: AppHostModule,
    global: true,
    providers,
    exports: providers.map(({ provide }) => provide),
  };
  const root = { module: AppModule, imports: [host, EdgeModule, options.module] };
  const app = await NestFactory.create<NestFastifyApplication>(
    root,
    new ServiceAdapter(options.certificate ?? null),
    { logger: new NestLog(options.log), abortOnError: false, autoFlushLogs: true },
  );
  const door = app.get(HttpDoor);
  return { app, door, fastify: door.fastify, routes: door.routes };
}
