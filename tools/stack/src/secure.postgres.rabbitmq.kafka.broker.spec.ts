import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect as connectRabbitmq } from 'amqplib';
import kafkajs from 'kafkajs';
import { Client } from 'pg';
import { type TemporaryStack, temporaryStack } from './temporary-stack.ts';

let temporary: TemporaryStack;
const environment = (service?: string) => temporary.stack.environment(service);
beforeAll(async () => {
  temporary = temporaryStack();
  const options = { freePorts: true, secure: true, tls: true };
  const troubles = await temporary.stack.up(['postgres', 'rabbitmq', 'kafka'], options);
  expect(troubles).toEqual([]);
}, 180_000);
afterAll(() => temporary.remove(), 60_000);

describe('PostgreSQL', () => {
  async function query(url: string, text: string): Promise<unknown> {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }
  const urlOf = (service: string): string => environment(service)['DATABASE_URL'] ?? '';

  it('lets a service do what it wants in its own database', async () => {
    await query(urlOf('order'), 'create schema own create table own.kept (id int)');
    expect(await query(urlOf('order'), 'select * from own.kept')).toEqual([]);
  });

  it('speaks TLS with whoever asks for it, and proves its name', async () => {
    const mine = 'select ssl, version from pg_stat_ssl where pid = pg_backend_pid()';
    expect(await query(urlOf('order'), mine)).toEqual([{ ssl: true, version: 'TLSv1.3' }]);
    const doubtful = new URL(urlOf('order'));
    doubtful.searchParams.delete('sslrootcert');
    await expect(query(doubtful.href, mine)).rejects.toThrow(/certificate/);
  });

  it('keeps it out of the database of another, and lets it make none', async () => {
    const foreign = urlOf('order').replace('waybill_order', 'waybill_payment');
    await expect(query(foreign, 'select 1')).rejects.toThrow('permission denied for database');
    await expect(query(urlOf('order'), 'create database more')).rejects.toThrow(
      'permission denied',
    );
  });
});

describe('RabbitMQ', () => {
  const url = (service?: string): string => environment(service)['RABBITMQ_URL'] ?? '';
  const trust = () => ({ ca: [readFileSync(environment()['RABBITMQ_CA_FILE'] ?? '')] });

  /** Runs `work` on a channel of a user; rejects with an error that closes the channel. */
  async function as<T>(
    service: string | undefined,
    work: (channel: Awaited<ReturnType<typeof channelOf>>) => Promise<T>,
  ): Promise<T> {
    const connection = await connectRabbitmq(url(service), trust());
    try {
      const channel = await channelOf(connection);
      channel.on('error', () => {});
      return await work(channel);
    } finally {
      await connection.close();
    }
  }
  const channelOf = (connection: Awaited<ReturnType<typeof connectRabbitmq>>) =>
    connection.createConfirmChannel();
  const refused = /ACCESS_REFUSED|403/;

  beforeAll(() =>
    as(undefined, async (channel) => {
      await channel.assertExchange('payment.commands', 'topic');
      await channel.assertExchange('payment.events', 'topic');
      await channel.assertQueue('payment.0');
      await channel.bindQueue('payment.0', 'payment.commands', '#');
    }),
  );

  it('lets a service write what it says, and its receiver read it', async () => {
    await as('order', async (channel) => {
      channel.publish('payment.commands', 'x', Buffer.from('hello'));
      await channel.waitForConfirms();
    });
    const message = await as('payment', (channel) => channel.get('payment.0', { noAck: true }));
    expect(message ? String(message.content) : null).toBe('hello');
  });

  it('lets it read no queue of another, say nothing in the name of another, and make no queue', async () => {
    await expect(as('order', (channel) => channel.get('payment.0'))).rejects.toThrow(refused);
    await expect(as('order', (channel) => channel.assertQueue('order.9'))).rejects.toThrow(refused);
    const saying = as('order', async (channel) => {
      channel.publish('payment.events', 'x', Buffer.from('forged'));
      await channel.waitForConfirms();
    });
    await expect(saying).rejects.toThrow();
  });

  it('lets nobody in as guest', async () => {
    const { host } = new URL(url());
    const guest = connectRabbitmq(`amqps://guest:guest@${host}/waybill`, trust());
    await expect(guest).rejects.toThrow(refused);
  });

  it('lets nobody in without TLS', async () => {
    const plain = url('order').replace('amqps:', 'amqp:');
    await expect(connectRabbitmq(plain)).rejects.toThrow();
  });
});

describe('Kafka', () => {
  function clientOf(service?: string, password?: string): kafkajs.Kafka {
    const env = environment(service);
    return new kafkajs.Kafka({
      clientId: 'spec',
      brokers: [env['KAFKA_BROKERS'] ?? ''],
      ssl: { ca: [readFileSync(env['KAFKA_CA_FILE'] ?? '', 'utf8')] },
      sasl: {
        mechanism: 'scram-sha-512',
        username: env['KAFKA_USERNAME'] ?? '',
        password: password ?? env['KAFKA_PASSWORD'] ?? '',
      },
      logLevel: kafkajs.logLevel.NOTHING,
      retry: { retries: 5 },
    });
  }

  async function send(service: string, topic: string): Promise<unknown> {
    const producer = clientOf(service).producer();
    await producer.connect();
    try {
      return await producer.send({ topic, acks: -1, messages: [{ value: 'hello' }] });
    } finally {
      await producer.disconnect();
    }
  }

  /** Resolves with the first message; rejects when the reader is not allowed. */
  async function read(service: string, groupId: string, topic: string): Promise<string> {
    const consumer = clientOf(service).consumer({ groupId });
    await consumer.connect();
    try {
      return await new Promise((resolve, reject) => {
        consumer.on('consumer.crash', ({ payload }) => reject(payload.error));
        consumer
          .subscribe({ topic, fromBeginning: true })
          .then(() =>
            consumer.run({
              eachMessage: async ({ message }) => resolve(String(message.value)),
            }),
          )
          .catch(reject);
      });
    } finally {
      await consumer.disconnect();
    }
  }

  beforeAll(async () => {
    const admin = clientOf().admin();
    await admin.connect();
    const topics = [{ topic: 'order.events' }, { topic: 'payment.events' }];
    await admin.createTopics({ topics, waitForLeaders: false });
    await admin.disconnect();
  });

  it('lets a service write what it says, and its subscribers read it', async () => {
    await send('order', 'order.events');
    expect(await read('analytics', 'analytics', 'order.events')).toBe('hello');
  }, 30_000);

  it('lets a service create what it publishes without a subscriber, and nothing else', async () => {
    const admin = clientOf('order').admin();
    await admin.connect();
    const made = (topic: string) => admin.createTopics({ topics: [{ topic }] });
    try {
      expect(await made('order.live')).toBe(true);
      await expect(made('order.news')).rejects.toThrow();
    } finally {
      await admin.disconnect();
    }
  }, 30_000);

  it('lets nobody say something in the name of another, hear what is not for it, or join a foreign group', async () => {
    const refused = /not authorized|authorization failed/i;
    await expect(send('payment', 'order.events')).rejects.toThrow(refused);
    await expect(read('analytics', 'analytics', 'payment.events')).rejects.toThrow(refused);
    // kafkajs's message for "group authorization failed".
    await expect(read('analytics', 'order', 'order.events')).rejects.toThrow(
      'Failed to find group coordinator',
    );
  }, 30_000);

  it('lets nobody in with a wrong password', async () => {
    await expect(clientOf('order', 'wrong').admin().connect()).rejects.toThrow(/authentication/i);
  }, 30_000);
});
