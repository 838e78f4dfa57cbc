import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import kafkajs, { type Admin, type KafkaConfig } from 'kafkajs';
import { admitToKafka } from '../permissions/kafka-acl.ts';
import type { Place } from './server.ts';

/** A group without members: requesting it makes Kafka create the topic that stores groups. */
const anyGroup = 'waybill-stack';
const patience = 30_000;

/** Sets the access rules of the services, and waits until Kafka can serve groups, before the first one joins. */
export async function furnishKafka({ ports, secure, users, certificates }: Place): Promise<void> {
  const password = users.password('admin');
  const config: KafkaConfig = {
    clientId: 'waybill-stack',
    brokers: [`127.0.0.1:${ports['main']}`],
    ...(secure ? { sasl: { mechanism: 'scram-sha-512', username: 'admin', password } } : {}),
    ...(certificates ? { ssl: { ca: [readFileSync(certificates.ca, 'utf8')] } } : {}),
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { initialRetryTime: 100, maxRetryTime: 500, retries: 60 },
  };
  if (secure) await admitToKafka(config, users);
  const admin = new kafkajs.Kafka(config).admin();
  await admin.connect();
  try {
    await untilGroupsAreReady(admin);
  } finally {
    await admin.disconnect();
  }
}

async function untilGroupsAreReady(admin: Admin): Promise<void> {
  const deadline = performance.now() + patience;
  for (;;) {
    try {
      await admin.fetchOffsets({ groupId: anyGroup });
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await pause(100);
    }
  }
}
