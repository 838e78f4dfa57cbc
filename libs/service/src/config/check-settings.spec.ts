import { describe, expect, it } from '@jest/globals';
import { declarationOf } from '../service-options.ts';
import { CounterModule } from '../testing/counter.module.ts';
import { checkSettings } from './check-settings.ts';
import type { Environment, InvalidConfig } from './read-settings.ts';

const servers = {
  BROKERS: 'mixed',
  DATABASE_URL: 'postgres://order:grapefruit@db:5432/waybill_order?sslmode=verify-full',
  KAFKA_BROKERS: 'kafka:9092',
  KAFKA_TLS: 'true',
  KAFKA_USERNAME: 'order',
  KAFKA_PASSWORD: 'grapefruit',
  RABBITMQ_URL: 'amqps://order:grapefruit@rabbitmq:5671/waybill',
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'order',
  AWS_SECRET_ACCESS_KEY: 'grapefruit',
  REDIS_URL: 'rediss://order:grapefruit@redis:6379',
};
const deployed = {
  WAYBILL_DEPLOYED: 'true',
  AUTH_ISSUER: 'https://id.example.com/',
  AUTH_JWKS_URL: 'https://id.example.com/jwks.json',
  SERVICE_SECRET: 'f3b9c1d7e5a24486b0f1c2d3e4f5a6b7',
  COUNTER_SECRET: 'grapefruit',
};

async function problemsOf(env: Environment): Promise<readonly string[]> {
  try {
    await checkSettings(declarationOf(CounterModule), env);
    return [];
  } catch (error) {
    return (error as InvalidConfig).problems;
  }
}

describe('the settings of a service as they are checked before it starts', () => {
  it('are right with real secrets, deployed or not', async () => {
    expect(await problemsOf(servers)).toEqual([]);
    expect(await problemsOf({ ...servers, ...deployed })).toEqual([]);
  });

  it('have their problems in one list with those of the brokers', async () => {
    const { DATABASE_URL: _, RABBITMQ_URL: __, ...rest } = servers;
    expect(await problemsOf({ ...rest, LOG_LEVEL: 'loud', GRPC_PORT: 'x' })).toEqual([
      'DATABASE_URL is missing',
      expect.stringContaining('LOG_LEVEL'),
      expect.stringContaining('GRPC_PORT'),
      'RABBITMQ_URL is missing',
    ]);
  });

  it.each([{ WAYBILL_DEPLOYED: 'true' }, { WAYBILL_DEPLOYED: '1' }, { NODE_ENV: 'production' }])(
    'are refused with every password that is for development, and no value, where %j',
    async (mode) => {
      const text = JSON.stringify(servers).replaceAll('grapefruit', 'order-development-password');
      const problems = await problemsOf({ ...deployed, ...JSON.parse(text), ...mode });
      const names = ['AWS_SECRET_ACCESS_KEY', 'KAFKA_PASSWORD', 'RABBITMQ_URL', 'REDIS_URL'];
      expect(problems).toEqual(
        ['DATABASE_URL', ...names].map(
          (name) => `${name} has a development password, which a deployed service refuses`,
        ),
      );
    },
  );

  it('are refused where something would cross a network in the clear, with everything else in one list', async () => {
    const RABBITMQ_URL = 'amqp://order:grapefruit@rabbitmq:5672/waybill';
    const env = { ...servers, ...deployed, RABBITMQ_URL, KAFKA_TLS: 'false', HOST: '0.0.0.0' };
    expect(await problemsOf({ ...env, SERVICE_SECRET: '' })).toEqual([
      'SERVICE_SECRET has its development value, which a deployed service refuses',
      'KAFKA_BROKERS is without TLS, which a deployed service refuses',
      'RABBITMQ_URL is without TLS, which a deployed service refuses',
      'TLS_CERT_FILE is needed: a deployed service listens on 0.0.0.0 by TLS',
    ]);
    expect(await problemsOf({ ...env, TRUSTED_NETWORK: 'true' })).toEqual([]);
  });

  it('are refused with the user that every new RabbitMQ has', async () => {
    const RABBITMQ_URL = 'amqps://guest:guest@rabbitmq:5671/waybill';
    expect(await problemsOf({ ...servers, ...deployed, RABBITMQ_URL })).toEqual([
      'RABBITMQ_URL has a development password, which a deployed service refuses',
    ]);
    expect(await problemsOf({ ...servers, RABBITMQ_URL })).toEqual([]);
  });
});
