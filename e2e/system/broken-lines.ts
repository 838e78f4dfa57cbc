import process from 'node:process';
import { FaultProxy } from '@waybill/messaging/testing';
import type { Settings } from './main-process.ts';

const names = ['kafka', 'rabbitmq', 'sns-sqs', 'redis'] as const;
export type LineName = (typeof names)[number];

const addressOf: Readonly<Record<LineName, string>> = {
  kafka: 'KAFKA_BROKERS',
  rabbitmq: 'RABBITMQ_URL',
  'sns-sqs': 'AWS_ENDPOINT_URL',
  redis: 'REDIS_URL',
};

/** Connections between a system and the brokers of the environment, which a test can break. */
export class BrokenLines {
  private constructor(
    private readonly proxies: ReadonlyMap<LineName, FaultProxy>,
    /** The brokers' addresses for a system that uses these connections. */
    readonly env: Settings,
  ) {}

  /** Resolves when every connection is open and without faults. */
  static async open(): Promise<BrokenLines> {
    const proxies = new Map<LineName, FaultProxy>();
    const env: Record<string, string> = {};
    for (const name of names) {
      const address = process.env[addressOf[name]] ?? '';
      const port = portOf(address);
      const proxy: FaultProxy = await FaultProxy.open({
        port,
        ...(name === 'kafka' ? { translate: (bytes) => movedKafka(bytes, port, proxy.port) } : {}),
      });
      proxies.set(name, proxy);
      env[addressOf[name]] = address.replace(`:${port}`, `:${proxy.port}`);
    }
    return new BrokenLines(proxies, env);
  }

  of(name: LineName): FaultProxy {
    return this.proxies.get(name) as FaultProxy;
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.proxies.values()].map((proxy) => proxy.close()));
  }
}

const portOf = (address: string): number => Number(/:(\d+)(?:\/|$)/.exec(address)?.[1]);

const loopback = Buffer.from('127.0.0.1');

/** Replaces Kafka's advertised port with that of the proxy; in Kafka's responses the port follows the host. */
function movedKafka(bytes: Buffer, from: number, to: number): Buffer {
  for (let at = bytes.indexOf(loopback); at >= 0; at = bytes.indexOf(loopback, at + 1)) {
    const port = at + loopback.length;
    if (port + 4 <= bytes.length && bytes.readInt32BE(port) === from) bytes.writeInt32BE(to, port);
  }
  return bytes;
}
