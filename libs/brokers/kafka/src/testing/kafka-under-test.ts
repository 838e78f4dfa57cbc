import { randomBytes } from 'node:crypto';
import { type BrokerUnderTest, FaultProxy } from '@waybill/messaging/testing';
import { Kafka, logLevel } from 'kafkajs';
import { type KafkaBroker, kafkaBroker } from '../kafka-broker.ts';
import type { KafkaBrokerOptions } from '../options.ts';

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const namespaces: string[] = [];

/** A unique name for a test. */
export function freshNamespace(): string {
  const namespace = `test-${randomBytes(5).toString('hex')}`;
  namespaces.push(namespace);
  return namespace;
}

/** Deletes the topics of all namespaces so far, because a server with thousands of topics is slow. */
export async function forgetNamespaces(server: string): Promise<void> {
  const admin = new Kafka({ brokers: server.split(','), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const all = await admin.listTopics();
  const ours = all.filter((topic) => namespaces.some((name) => topic.startsWith(`${name}.`)));
  if (ours.length > 0) await admin.deleteTopics({ topics: ours });
  await admin.disconnect();
}

/** A broker behind a proxy that can break its connections. */
export interface BehindProxy {
  readonly broker: KafkaBroker;
  readonly proxy: FaultProxy;
}

/** Creates a broker that reaches the server only through a proxy of its own. */
export async function behindProxy(
  server: string,
  options: Partial<KafkaBrokerOptions>,
): Promise<BehindProxy> {
  const [host = '', port = ''] = server.split(':');
  const proxy = await FaultProxy.open({ host, port: Number(port) });
  const dial = () => ({ host: '127.0.0.1', port: proxy.port });
  const broker = kafkaBroker({ service: 'test', brokers: server, drainMs: 500, dial, ...options });
  return { broker, proxy };
}

/** What the conformance suite needs, on the server at `server`. */
export async function kafkaUnderTest(
  server: string,
  options: Partial<KafkaBrokerOptions> = {},
): Promise<BrokerUnderTest> {
  const namespace = freshNamespace();
  const made = [await behindProxy(server, { namespace, ...options })];
  const [first] = made as [BehindProxy];
  const stranger = kafkaBroker({
    service: 'test',
    brokers: server,
    namespace: freshNamespace(),
    drainMs: 0,
    ...options,
  });
  return {
    broker: first.broker,
    stranger,
    size: 0,
    visibilityTimeout: 0,
    now: () => new Date(),
    pass: wait,
    quiet: () => wait(500),
    another: async () => {
      const other = await behindProxy(server, { namespace, ...options });
      made.push(other);
      return other.broker;
    },
    crash: async (broker) => {
      const { proxy } = made.find((each) => each.broker === broker) as BehindProxy;
      proxy.set({ refuse: true });
      proxy.cut();
    },
    cutConnections: async () => first.proxy.cut(),
    loseAnswers: async () => {
      first.proxy.set({ silent: 'down' });
      return async () => {
        first.proxy.set({});
        first.proxy.cut();
      };
    },
    end: async () => {
      await Promise.all([stranger.close(), ...made.map(({ broker }) => broker.close())]);
      await Promise.all(made.map(({ proxy }) => proxy.close()));
    },
  };
}
