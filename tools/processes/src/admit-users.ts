import { readFileSync } from 'node:fs';
import type { Environment } from '@waybill/service';
import {
  admitToKafka,
  admitToRabbitmq,
  admitToRedis,
  furnishDatabases,
  type Users,
} from '@waybill/stack';
import type { Waiting } from './waiting.ts';

/**
 * Creates a user for each service on the servers in an administrator's environment, with only the rights that it needs; Kafka
 * gets only the access rules. Safe to repeat: passwords and rights are set to the current ones; Kafka's rules are only added.
 */
export async function admitUsers(
  env: Environment,
  managementUrl: string | null,
  users: Users,
  waiting: Waiting,
): Promise<void> {
  const { DATABASE_URL, KAFKA_USERNAME, RABBITMQ_URL, REDIS_URL, REDIS_CA_FILE } = env;
  const tasks: Promise<void>[] = [];
  const at = (server: string, task: () => Promise<void>): void => {
    tasks.push(waiting.whenUp(() => task().catch((error) => Promise.reject(named(server, error)))));
  };
  if (DATABASE_URL) at('PostgreSQL (DATABASE_URL)', () => furnishDatabases(DATABASE_URL, users));
  // A Kafka without users has no access control.
  if (KAFKA_USERNAME) at('Kafka (KAFKA_BROKERS)', () => admitToKafka(kafkaOf(env), users));
  if (RABBITMQ_URL && managementUrl) {
    at('RabbitMQ (RABBITMQ_MANAGEMENT_URL)', () =>
      admitToRabbitmq(managementOf(managementUrl, RABBITMQ_URL), users),
    );
  }
  if (REDIS_URL) at('Redis (REDIS_URL)', () => admitToRedis(REDIS_URL, REDIS_CA_FILE, users));
  await Promise.all(tasks);
}

/** `fetch` wraps the connection error in a generic one; the cause has the useful message. */
function named(server: string, error: Error): Error {
  const { cause, message } = error as Error & { readonly cause?: { readonly message?: string } };
  return new Error(`no users can be made at ${server}: ${cause?.message ?? message}`, {
    cause: error,
  });
}

function kafkaOf(env: Environment): Parameters<typeof admitToKafka>[0] {
  const { KAFKA_BROKERS = '', KAFKA_USERNAME = '', KAFKA_PASSWORD = '' } = env;
  const { KAFKA_SASL_MECHANISM, KAFKA_TLS, KAFKA_CA_FILE } = env;
  const mechanism = (KAFKA_SASL_MECHANISM || 'plain') as 'plain';
  const isTls = ['true', '1'].includes(KAFKA_TLS ?? '');
  return {
    clientId: 'waybill-prepare',
    brokers: KAFKA_BROKERS.split(','),
    sasl: { mechanism, username: KAFKA_USERNAME, password: KAFKA_PASSWORD },
    ...(KAFKA_CA_FILE ? { ssl: { ca: readFileSync(KAFKA_CA_FILE) } } : isTls ? { ssl: true } : {}),
    logLevel: 0,
  };
}

/** The broker's administrator also administers its users, so both URLs use the same credentials. */
function managementOf(url: string, brokerUrl: string): Parameters<typeof admitToRabbitmq>[0] {
  const { username, password } = new URL(brokerUrl);
  return { url, username: decodeURIComponent(username), password: decodeURIComponent(password) };
}
