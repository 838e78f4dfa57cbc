import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { type Clock, systemClock } from '@waybill/messaging';
import { createLog, Metrics } from '@waybill/observability';
import type { FastifyInstance } from 'fastify';
import type { Caller } from '../auth/caller.ts';
import { ServiceTokens } from '../auth/service-tokens.ts';
import { InvalidToken, type TokenVerifier } from '../auth/token-verifier.ts';
import { createApp, type HostedApp } from '../create-app.ts';
import type { Certificate } from '../service-adapter.ts';

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

export interface EdgeApp extends HostedApp {
  readonly lines: string[];
}

@Module({})
class EdgeModule {}

/** An application with the given controllers, ready for `fastify.inject`. Its log is captured. */
export async function edgeApp(
  controllers: readonly Type[],
  options: {
    providers?: DynamicModule['providers'];
    problems?: Record<string, number>;
    clock?: Clock;
    verifier?: TokenVerifier;
    certificate?: Certificate;
    beforeInit?: (fastify: FastifyInstance) => void;
  } = {},
): Promise<EdgeApp> {
  const lines: string[] = [];
  const hosted = await createApp({
    module: {
      module: EdgeModule,
      controllers: [...controllers],
      providers: options.providers ?? [],
    },
    log: createLog({ service: 'edge', level: 'info', write: (line) => lines.push(line) }),
    clock: options.clock ?? systemClock,
    metrics: new Metrics('edge'),
    verifier: options.verifier ?? namedTokens,
    serviceTokens: new ServiceTokens('edge', testSecret, options.clock ?? systemClock),
    certificate: options.certificate ?? null,
    ...(options.problems ? { problems: options.problems } : {}),
  });
  options.beforeInit?.(hosted.fastify);
  await hosted.app.init();
  await hosted.fastify.ready();
  return { ...hosted, lines };
}
