import { randomUUID } from 'node:crypto';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { Scene } from '@waybill/messaging/testing';
import { hostConfig, openBrokers, readSettings } from '@waybill/service';

/** What a service with some settings makes of them. */
export interface Configured {
  /** Groups, messages and consumers at the broker, whose names begin with `namespace`. */
  readonly scene: Scene;
  readonly namespace: string;
  /** How many unsettled messages its consumers hold. */
  readonly prefetch: number;
  close(): Promise<void>;
}

/** Opens the broker by its variables, as every service does, besides those of the environment. */
export async function configured(
  name: 'kafka' | 'rabbitmq' | 'sns-sqs' | 'redis',
  variables: Readonly<Record<string, string>>,
): Promise<Configured> {
  const namespace = `test${randomUUID().slice(0, 8)}`;
  const kind = name === 'redis' ? 'live' : 'event';
  const env = {
    ...process.env,
    ...variables,
    // Redis carries live updates only; the broker of the other kinds is never used.
    ...(name === 'redis'
      ? { BROKERS: 'kafka,live:redis', KAFKA_BROKERS: 'none:1' }
      : { BROKERS: name }),
    BROKER_NAMESPACE: namespace,
  };
  const brokers = await openBrokers(env, { service: 'settings' });
  const broker = brokers.brokerFor(kind);
  const host = { ...env, DATABASE_URL: 'postgres://nobody@127.0.0.1/none' };
  const [{ profile }] = readSettings('settings', host, [hostConfig]);
  const close = () => brokers.close();
  const scene = new Scene({
    broker,
    stranger: broker,
    size: 0,
    visibilityTimeout: 0,
    now: () => new Date(),
    pass: pause,
    quiet: async () => undefined,
    end: close,
  });
  return { scene, namespace, prefetch: profile.prefetch, close };
}

/** What `read` finds once it is not undefined; the timeout of the test is the limit. */
export async function found<T>(read: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (;;) {
    const value = await read();
    if (value !== undefined) return value;
    await pause(20);
  }
}
