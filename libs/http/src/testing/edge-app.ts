import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { CLOCK, type Clock, systemClock } from '@waybill/messaging';
import { createLog, LOGGER, Metrics, NestLog } from '@waybill/observability';
import type { FastifyInstance } from 'fastify';
import { AUDIT_TRAIL, type AuditTrail } from '../audit/audit-trail.ts';
import type { Caller } from '../auth/caller.ts';
import { ServiceTokens } from '../auth/service-tokens.ts';
import { InvalidToken, type TokenVerifier } from '../auth/token-verifier.ts';
import { EdgeModule } from '../edge.module.ts';
import { HttpDoor } from '../http-door.ts';
import type { RouteTable } from '../route-table.ts';
import { type Certificate, ServiceAdapter } from '../service-adapter.ts';
import { PROBLEM_STATUSES, TOKEN_VERIFIER } from '../tokens.ts';

export const ada: Caller = {
  id: '01980000-0000-7000-8000-00000000ada0',
  roles: ['customer'],
  name: 'Ada Lovelace',
  email: 'ada@example.com',
};
export const operator: Caller = { ...ada, id: 'ops', roles: ['operator'], name: 'Operator' };

/** Accepts the tokens `ada` and `operator`. */
export const namedTokens: TokenVerifier = {
  verify(token) {
    if (token === 'ada') return ada;
    if (token === 'operator') return operator;
    throw new InvalidToken('unknown');
  },
};

export const testSecret = 'a-secret-of-more-than-32-characters';

const noAudit: AuditTrail = { began: async () => {}, ended: async () => {} };

export interface EdgeApp {
  readonly app: NestFastifyApplication;
  readonly door: HttpDoor;
  readonly fastify: FastifyInstance;
  readonly routes: RouteTable;
  readonly lines: string[];
}

@Module({})
class TestModule {}

/** An application with the given controllers, ready for `fastify.inject`. Its log is captured. */
export async function edgeApp(
  controllers: readonly Type[],
  options: {
    providers?: DynamicModule['providers'];
    problems?: Record<string, number>;
    clock?: Clock;
    audit?: AuditTrail;
    verifier?: TokenVerifier;
    certificate?: Certificate;
    beforeInit?: (fastify: FastifyInstance) => void;
  } = {},
): Promise<EdgeApp> {
  const lines: string[] = [];
  const clock = options.clock ?? systemClock;
  const log = createLog({ service: 'edge', level: 'info', write: (line) => lines.push(line) });
  const common = [
    { provide: LOGGER, useValue: log },
    { provide: CLOCK, useValue: clock },
    { provide: Metrics, useValue: new Metrics('edge') },
    { provide: TOKEN_VERIFIER, useValue: options.verifier ?? namedTokens },
    { provide: ServiceTokens, useValue: new ServiceTokens('edge', testSecret, clock) },
    { provide: PROBLEM_STATUSES, useValue: options.problems ?? {} },
    { provide: AUDIT_TRAIL, useValue: options.audit ?? noAudit },
  ];
  const module: DynamicModule = {
    module: TestModule,
    global: true,
    imports: [EdgeModule],
    controllers: [...controllers],
    providers: [...common, ...(options.providers ?? [])],
    exports: common.map(({ provide }) => provide),
  };
  const app = await NestFactory.create<NestFastifyApplication>(
    module,
    new ServiceAdapter(options.certificate ?? null),
    { logger: new NestLog(log), abortOnError: false, autoFlushLogs: true },
  );
  const door = app.get(HttpDoor);
  options.beforeInit?.(door.fastify);
  await app.init();
  await door.fastify.ready();
  return { app, door, fastify: door.fastify, routes: door.routes, lines };
}
