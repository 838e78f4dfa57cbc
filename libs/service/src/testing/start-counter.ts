import { embeddedBroker } from '@waybill/embedded-broker';
import { namedTokens, testSecret } from '@waybill/http/testing';
import { oneBroker } from '@waybill/messaging';
import type { Environment } from '../config/environment.ts';
import { startService } from '../prepare-service.ts';
import type { RunningService } from '../running-service.ts';
import { CounterModule } from './counter.module.ts';

/** Starts the counter on a database that is its alone, with an embedded broker of its own; it migrates the database. */
export const startCounter = (url: string, env: Environment = {}): Promise<RunningService> =>
  startService(CounterModule, {
    env: { DATABASE_URL: url, LOG_LEVEL: 'silent', SERVICE_SECRET: testSecret, ...env },
    brokers: oneBroker(embeddedBroker()),
    migrate: true,
    exclusive: true,
    listen: null,
    tokenVerifier: namedTokens,
  });
