import { randomBytes } from 'node:crypto';
import { InProcess } from './in-process.ts';
import { Kafka } from './kafka.ts';
import { Mixed } from './mixed.ts';
import { RabbitMq } from './rabbitmq.ts';
import type { Transport } from './transport.ts';

/** What can be measured: `BROKERS` of the system, and the transport of the bare loop. */
export const measuredBrokers = ['embedded', 'rabbitmq', 'kafka', 'mixed', 'sns-sqs'] as const;
export type MeasuredBrokers = (typeof measuredBrokers)[number];

/** Addresses of the brokers: `KAFKA_BROKERS` and `RABBITMQ_URL`. */
export type Addresses = Readonly<Record<string, string | undefined>>;

/** A transport of the bare loop, with queues and topics of its own; null for brokers without a bare loop. */
export async function openTransport(
  brokers: MeasuredBrokers,
  addresses: Addresses,
): Promise<Transport | null> {
  const namespace = `bare-${randomBytes(4).toString('hex')}`;
  const rabbitmq = () => RabbitMq.connect(need(addresses, 'RABBITMQ_URL'), namespace);
  const kafka = () => Kafka.connect(need(addresses, 'KAFKA_BROKERS').split(','), namespace);
  if (brokers === 'embedded') return new InProcess();
  if (brokers === 'rabbitmq') return rabbitmq();
  if (brokers === 'kafka') return kafka();
  if (brokers === 'mixed') return new Mixed(await rabbitmq(), await kafka());
  return null;
}

function need(addresses: Addresses, name: string): string {
  const value = addresses[name];
  if (value) return value;
  throw new Error(`${name} is not set: start the servers, or name them`);
}
