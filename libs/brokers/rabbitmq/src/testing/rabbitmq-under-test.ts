import { randomUUID } from 'node:crypto';
import type { Broker } from '@waybill/messaging';
import { type BrokerUnderTest, FaultProxy, Scene } from '@waybill/messaging/testing';
import { type ConfirmChannel, connect } from 'amqplib';
import { type RabbitMqBroker, rabbitmqBroker } from '../rabbitmq-broker.ts';
import type { RabbitMqOptions } from '../rabbitmq-options.ts';

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Shorter times than in production. */
const hurried = { drain: 500, beat: 300 };

/** A connection of a foreign client. */
export interface Foreigner {
  readonly channel: ConfirmChannel;
  close(): Promise<void>;
}

/** RabbitMQ in a namespace of its own, behind proxies that can be cut. */
export class RabbitMqUnderTest {
  readonly namespace = `test-${randomUUID().slice(0, 8)}`;
  /** Observers that do not receive yet. */
  private deaf = 0;
  private readonly made = new Map<Broker, { broker: RabbitMqBroker; proxy: FaultProxy }>();

  constructor(private readonly url: string) {}

  /** Another broker in the namespace, behind its own proxy. */
  async open(options: Partial<RabbitMqOptions> = {}): Promise<RabbitMqBroker> {
    const direct = new URL(this.url);
    const proxy = await FaultProxy.open({
      host: direct.hostname,
      port: Number(direct.port || 5672),
    });
    const url = new URL(this.url);
    url.host = `127.0.0.1:${proxy.port}`;
    const { namespace } = this;
    const broker = rabbitmqBroker({
      url: url.href,
      service: 'test',
      namespace,
      ...hurried,
      ...options,
    });
    this.made.set(broker, { broker, proxy });
    this.countObservers(broker);
    return broker;
  }

  /** Resolves when all observers receive, and unexpected messages would have arrived. */
  async quiet(): Promise<void> {
    do await wait(300);
    while (this.deaf > 0);
  }

  private countObservers(broker: RabbitMqBroker): void {
    const observe = broker.observe.bind(broker);
    broker.observe = (pattern, listener, options = {}) => {
      if (broker.state() === 'closed') return observe(pattern, listener, options);
      this.deaf += 1;
      let receives = (): void => {
        this.deaf -= 1;
        receives = () => undefined;
      };
      const onGap = (): void => {
        receives();
        options.onGap?.();
      };
      const stop = observe(pattern, listener, { ...options, onGap });
      return () => {
        receives();
        stop();
      };
    };
  }

  /** The proxy of a broker. */
  proxyOf(broker: Broker): FaultProxy {
    const found = this.made.get(broker);
    if (!found) throw new TypeError('this broker is not under test');
    return found.proxy;
  }

  /** The interface that the conformance suite expects. */
  async asBrokerUnderTest(): Promise<BrokerUnderTest> {
    const broker = await this.open();
    const stranger = await this.open({ namespace: `${this.namespace}-stranger` });
    const proxy = this.proxyOf(broker);
    return {
      broker,
      stranger,
      size: 0,
      visibilityTimeout: 0,
      now: () => new Date(),
      pass: wait,
      quiet: () => this.quiet(),
      another: () => this.open(),
      crash: async (other) => {
        this.proxyOf(other).set({ refuse: true });
        this.proxyOf(other).cut();
      },
      cutConnections: async () => proxy.cut(),
      loseAnswers: async () => {
        proxy.set({ silent: 'down' });
        return async () => {
          proxy.set({});
          proxy.cut();
        };
      },
      end: () => this.end(),
    };
  }

  /** A scene of the conformance suite around a broker of the namespace. */
  async scene(options: Partial<RabbitMqOptions> = {}): Promise<Scene> {
    const under = await this.asBrokerUnderTest();
    return new Scene({ ...under, broker: await this.open(options) });
  }

  /** A foreign client, connected directly to the server. */
  async foreigner(): Promise<Foreigner> {
    const connection = await connect(this.url, { noDelay: true });
    const channel = await connection.createConfirmChannel();
    return { channel, close: () => connection.close() };
  }

  /** Closes every broker, deletes what they declared, and closes the proxies. */
  async end(): Promise<void> {
    const all = [...this.made.values()];
    await Promise.all(all.map(({ broker }) => broker.close()));
    for (const { proxy } of all) proxy.set({});
    for (const { broker } of all) await broker.remove();
    await Promise.all(all.map(({ proxy }) => proxy.close()));
  }
}
