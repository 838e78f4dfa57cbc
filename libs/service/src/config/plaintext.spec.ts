import { describe, expect, it } from '@jest/globals';
import { plaintextProblems } from './plaintext.ts';
import type { Environment } from './read-settings.ts';

const deployed = { WAYBILL_DEPLOYED: 'true' };
const problemsOf = (env: Environment) =>
  plaintextProblems({ ...deployed, ...env }, Object.keys(env));

describe('what a deployed service would send in the clear', () => {
  it.each([
    ['DATABASE_URL', 'postgres://a:b@db:5432/x'],
    ['DATABASE_URL', 'postgres://a:b@db:5432/x?sslmode=prefer'],
    ['RABBITMQ_URL', 'amqp://a:b@rabbitmq/x'],
    ['REDIS_URL', 'redis://redis:6379'],
    ['KAFKA_BROKERS', 'localhost:9092,kafka:9092'],
    ['AWS_ENDPOINT_URL', 'http://sqs:4566'],
    ['INVENTORY_GRPC_URL', 'inventory:9082'],
    ['INVENTORY_GRPC_URL', 'grpc://inventory:9082'],
    ['ORDER_URL', 'https://order:8080, http://order-2:8080'],
    ['PAYMENT_PROVIDER_URL', 'http://provider.example'],
    ['AUTH_JWKS_URL', 'http://id.example.com/jwks.json'],
    ['AUTH_ISSUER', 'http://id.example.com/'],
    ['ORDER_URL', 'http://[fd00::1]:8080'],
  ])('is refused: %s %s', (name, value) => {
    expect(problemsOf({ [name]: value })).toEqual([
      expect.stringMatching(`^${name} is without TLS`),
    ]);
    expect(plaintextProblems({ [name]: value }, [name])).toEqual([]);
    expect(problemsOf({ [name]: value, TRUSTED_NETWORK: 'true' })).toEqual([]);
  });

  it.each([
    { DATABASE_URL: 'postgres://a:b@db:5432/x?sslmode=verify-full&sslrootcert=/ca' },
    { DATABASE_URL: 'postgres://a:b@127.0.0.1:5432/x' },
    { DATABASE_URL: 'postgres:///x?host=/run/postgresql' },
    { RABBITMQ_URL: 'amqps://a:b@rabbitmq/x' },
    { REDIS_URL: 'rediss://redis:6379' },
    { KAFKA_BROKERS: 'kafka:9092', KAFKA_TLS: 'true' },
    { KAFKA_BROKERS: 'kafka:9092', KAFKA_CA_FILE: '/ca' },
    { KAFKA_BROKERS: 'localhost:9092,[::1]:9092' },
    { INVENTORY_GRPC_URL: 'grpcs://inventory:9082' },
    { ORDER_URL: 'http://127.0.0.1:8081,http://localhost:8082,http://[::1]:8083' },
    { AUTH_ISSUER: 'http://id.example.com/', AUTH_JWKS_URL: 'https://id.example.com/jwks.json' },
    { HOST: '0.0.0.0', TLS_CERT_FILE: '/cert' },
    { HOST: '127.0.0.1' },
    { REDIS_URL: '' },
  ])('does not hold %j', (env) => {
    expect(problemsOf(env)).toEqual([]);
  });

  it('holds a door without a certificate, unless the network encrypts by itself', () => {
    expect(problemsOf({ HOST: '0.0.0.0' })).toEqual([
      'TLS_CERT_FILE is needed: a deployed service listens on 0.0.0.0 by TLS',
    ]);
    expect(problemsOf({ HOST: '0.0.0.0', TRUSTED_NETWORK: '1' })).toEqual([]);
    expect(plaintextProblems({ HOST: '0.0.0.0' }, ['HOST'])).toEqual([]);
  });
});
