import { embeddedBroker } from '@waybill/embedded-broker';
import { encode, event, live, newId, wrapFirst } from '@waybill/message';
import type { Broker, Group, Listener, Outgoing, ServerBrokerOptions } from '@waybill/messaging';
import { z } from 'zod';
import { type Entry, entryFrom, lineOf, withFiller } from './entry.ts';
import type { Medium, Sent } from './medium.ts';

const about = {
  summary: 'A message of the comparison',
  schema: z.object({ key: z.string(), line: z.string() }),
  key: ({ key }: { readonly key: string }) => key,
};
const Recorded = event('compare.recorded', about);
const Shown = live('compare.shown', about);

const group: Group = {
  name: 'compare',
  kind: 'event',
  partitions: 4,
  bindings: [{ channel: Recorded.channel, pattern: '#' }],
};

type Addresses = Readonly<Record<string, string | undefined>>;
type Maker = (env: Addresses, options: ServerBrokerOptions) => Broker | Promise<Broker>;

/** Each loads its adapter only when it is called. */
const makers = {
  embedded: () => embeddedBroker(),
  kafka: async (env, options) => {
    const { kafkaBroker } = await import('@waybill/kafka');
    return kafkaBroker({ ...options, brokers: env['KAFKA_BROKERS'] ?? '' });
  },
  rabbitmq: async (env, options) => {
    const { rabbitmqBroker } = await import('@waybill/rabbitmq');
    return rabbitmqBroker({ ...options, url: env['RABBITMQ_URL'] ?? '' });
  },
  'sns-sqs': async (_, options) => {
    const { snsSqsBroker } = await import('@waybill/sns-sqs');
    return snsSqsBroker({ ...options, gatherMs: 10 });
  },
  redis: async (env, options) => {
    const { redisBroker } = await import('@waybill/redis');
    return redisBroker({ ...options, url: env['REDIS_URL'] ?? '' });
  },
} satisfies Record<string, Maker>;

/** The brokers that have an adapter. */
export type BrokerName = keyof typeof makers;

const instanceOf = ({ WAYBILL_INSTANCE: instance }: Addresses) => (instance ? { instance } : {});

/** A broker behind its port: events to a group, and on Redis, which stores none, live updates to an observer. */
export class BrokerMedium implements Medium {
  private constructor(
    private readonly broker: Broker,
    private readonly contract: typeof Recorded,
  ) {}

  static async open(name: BrokerName, env: Addresses, namespace: string): Promise<BrokerMedium> {
    const broker: Broker = await makers[name](env, {
      service: 'compare',
      namespace,
      ...instanceOf(env),
    });
    if (name === 'redis') {
      // While it is not connected, what is published fails at once.
      while (broker.state?.() !== 'connected') await broker.declare([]);
      return new BrokerMedium(broker, Shown);
    }
    await broker.declare([group]);
    return new BrokerMedium(broker, Recorded);
  }

  send(entries: readonly Entry[], sent: Sent): void {
    const byId = new Map<string, Entry>();
    const messages = entries.map((entry) => {
      const message = this.messageOf(entry);
      byId.set(message.envelope.id, entry);
      return message;
    });
    this.broker.publish(messages, (id, error) => {
      const entry = byId.get(id);
      if (entry) sent(entry, error);
    });
  }

  async receive(record: (entry: Entry) => void): Promise<void> {
    if (this.contract === Shown) return this.observe(record);
    const owned = new Set<number>();
    await new Promise<void>((resolve, reject) => {
      const listener: Listener = {
        assigned: async (partitions) => {
          for (const each of partitions) owned.add(each);
          if (owned.size === group.partitions) resolve();
        },
        revoked: (partitions) => {
          for (const each of partitions) owned.delete(each);
        },
        deliver: (delivery) => {
          record(entryOf(JSON.parse(delivery.body)));
          delivery.ack();
        },
      };
      this.broker.subscribe(group.name, listener).catch(reject);
    });
  }

  private observe(record: (entry: Entry) => void): Promise<void> {
    return new Promise((resolve) => {
      this.broker.observe(`${Shown.type}.#`, (envelope) => record(entryOf(envelope)), {
        onGap: resolve,
      });
    });
  }

  private messageOf(entry: Entry): Outgoing {
    const { contract } = this;
    const id = newId();
    const message = contract({ key: entry.key, line: withFiller(lineOf(entry)) });
    const cause = { id, correlationId: id, traceparent: null };
    const envelope = wrapFirst(message, { cause, source: 'compare', now: new Date() });
    return { channel: contract.channel, envelope, body: encode(envelope) };
  }
}

const entryOf = ({ data }: { readonly data: unknown }): Entry =>
  entryFrom((data as { readonly line: string }).line);
