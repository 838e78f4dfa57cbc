import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { declaredTopology } from '@waybill/contracts/topology';
import { type ConfirmChannel, connect as connectRabbitmq } from 'amqplib';
import kafkajs from 'kafkajs';
import { Client } from 'pg';
import { rightsOf } from './permissions/rights.ts';
import { type TemporaryStack, temporaryStack } from './temporary-stack.ts';

const topology = declaredTopology();
const allChannels = [
  ...new Set(topology.flatMap(({ service }) => rightsOf(service, topology).publishes)),
];
/** What each service must not do, from what the topology says of the others. */
const strangers = [...new Set(topology.map(({ service }) => service))].map((service) => {
  const { groups, publishes, receives } = rightsOf(service, topology);
  const others = topology.filter((each) => each.service !== service);
  return {
    service,
    groups: [...new Set(others.map(({ group }) => group))].filter((each) => !groups.includes(each)),
    unpublished: allChannels.filter((channel) => !publishes.includes(channel)),
    unread: allChannels.filter((channel) => ![...receives, ...publishes].includes(channel)),
  };
});

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

  it.each(strangers)(
    'lets $service read no queue of another service, and publish nowhere else',
    async ({ service, groups, unpublished }) => {
      const connection = await connectRabbitmq(url(service), trust());
      /** Only the event of the channel has the reason why the server closed it. */
      const answers = async (work: (channel: ConfirmChannel) => Promise<unknown>) => {
        const channel = await channelOf(connection);
        let reason = '';
        channel.on('error', (error: Error) => {
          reason = error.message;
        });
        return work(channel).then(
          () => 'allowed',
          (error: Error) => reason || error.message,
        );
      };
      const publishTo = (exchange: string) => (channel: ConfirmChannel) => {
        channel.publish(exchange, 'x', Buffer.from('forged'));
        return channel.waitForConfirms();
      };
      try {
        for (const group of groups) {
          const answer = await answers((channel) => channel.get(`${group}.0`));
          expect([group, answer]).toEqual([group, expect.stringMatching(refused)]);
        }
        for (const exchange of unpublished) {
          const answer = await answers(publishTo(exchange));
          expect([exchange, answer]).toEqual([exchange, expect.stringMatching(refused)]);
        }
      } finally {
        await connection.close();
      }
    },
    60_000,
  );

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
  /** No group subscribes to it, so its publisher creates it. */
  const madeLater = 'order.live';
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

    const made = allChannels.filter((topic) => topic !== madeLater);
    await admin.createTopics({ topics: made.map((topic) => ({ topic })), waitForLeaders: true });
    await admin.disconnect();
  }, 60_000);

  it('lets a service write what it says, and its subscribers read it', async () => {
    await send('order', 'order.events');
    expect(await read('analytics', 'analytics', 'order.events')).toBe('hello');
    await send('customer', 'customer.live');
    expect(await read('payment', 'payment', 'customer.live')).toBe('hello');
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

  it.each(strangers)(
    'lets $service write, read and follow nothing of others',
    async ({ service, groups, unpublished, unread }) => {
      const failed = /not authorized|authorization failed/i;
      const client = clientOf(service);
      const [producer, admin] = [client.producer(), client.admin()];
      await Promise.all([producer.connect(), admin.connect()]);
      const answer = (work: Promise<unknown>) =>
        work.then(
          () => 'allowed',
          (error: Error) => error.message,
        );
      try {
        for (const topic of unpublished.filter((each) => each !== madeLater)) {
          const sent = producer.send({ topic, acks: -1, messages: [{ value: 'forged' }] });
          expect([topic, await answer(sent)]).toEqual([topic, expect.stringMatching(failed)]);
        }
        for (const groupId of groups) {
          const found = await answer(admin.fetchOffsets({ groupId }));
          expect([groupId, found]).toEqual([groupId, expect.not.stringMatching(/^allowed$/)]);
        }
        const [topic = ''] = unread;
        const found = await answer(read(service, `${service}.stranger`, topic));
        expect([topic, found]).toEqual([topic, expect.stringMatching(failed)]);
      } finally {
        await Promise.all([producer.disconnect(), admin.disconnect()]);
      }
    },
    120_000,
  );

  it('lets nobody in with a wrong password', async () => {
    await expect(clientOf('order', 'wrong').admin().connect()).rejects.toThrow(/authentication/i);
  }, 30_000);
});
