import { randomUUID } from 'node:crypto';
import type { Broker } from '@waybill/messaging';
import { type BrokerUnderTest, FaultProxy, Scene } from '@waybill/messaging/testing';
import type { SnsSqsOptions } from '../options.ts';
import { type SnsSqsBroker, snsSqsBroker } from '../sns-sqs-broker.ts';
import { access } from './server-address.config.ts';

const visibilitySeconds = 3;
/** Short times, so that crash tests are fast. */
const quickly = {
  waitSeconds: 1,
  leaseSeconds: 3,
  visibilitySeconds,
  holdSeconds: 3,
  drainMs: 1_500,
};

/** A broker in a namespace of its own on a real server, behind a proxy that can be cut. */
export interface SnsSqsUnderTest extends BrokerUnderTest {
  readonly broker: SnsSqsBroker;
  readonly namespace: string;
  /** The proxy between a broker and its server. */
  lineOf(broker: Broker): FaultProxy;
  another(options?: Partial<SnsSqsOptions>): Promise<SnsSqsBroker>;
}

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Creates one on the server at `address`; `options` apply to its brokers. */
export async function snsSqsUnderTest(
  address: string,
  options: Partial<SnsSqsOptions> = {},
  channel?: string,
): Promise<SnsSqsUnderTest> {
  const server = new URL(address);
  const namespace = `t${randomUUID().slice(0, 8)}`;
  const common = {
    ...access,
    service: 'test',
    namespace,
    ...quickly,
  };
  const lines = new Map<Broker, FaultProxy>();
  const open = async (more: Partial<SnsSqsOptions> = {}): Promise<SnsSqsBroker> => {
    const line = await FaultProxy.open({ host: server.hostname, port: Number(server.port) });
    const endpoint = `http://127.0.0.1:${line.port}`;
    const broker = snsSqsBroker({ ...common, endpoint, ...options, ...more });
    lines.set(broker, line);
    return broker;
  };
  const broker = await open();
  const lineOf = (of: Broker) => lines.get(of) as FaultProxy;
  return {
    broker,
    namespace,
    lineOf,
    ...(channel ? { channel } : {}),
    stranger: await open({ namespace: `s${namespace}` }),
    size: 0,
    inHandOfKey: 1,
    visibilityTimeout: visibilitySeconds * 1_000,
    now: () => new Date(),
    pass: wait,
    quiet: () => wait(400),
    another: open,
    crash: (of) => lineOf(of).close(),
    cutConnections: async () => lineOf(broker).cut(),
    loseAnswers: async () => {
      lineOf(broker).set({ silent: 'down' });
      return async () => {
        lineOf(broker).set({});
        lineOf(broker).cut();
      };
    },
    end: async () => {
      await Promise.all([...lines.keys()].map((each) => each.close()));
      await Promise.all([...lines.values()].map((line) => line.close().catch(() => undefined)));
    },
  };
}

/** Runs a test on a broker of its own, and closes it whatever the result. */
export const withBroker =
  (
    address: string,
    run: (scene: Scene, under: SnsSqsUnderTest) => Promise<void>,
    options: Partial<SnsSqsOptions> = {},
  ) =>
  async (): Promise<void> => {
    const under = await snsSqsUnderTest(address, options);
    try {
      await run(new Scene(under), under);
    } finally {
      await under.end();
    }
  };
