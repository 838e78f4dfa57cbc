import process from 'node:process';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { FaultProxy } from '@waybill/messaging/testing';
import { openStack } from '@waybill/stack';
import { type Configured, configured, found } from './configured.ts';

jest.setTimeout(120_000);

const given = {
  RABBITMQ_WINDOW: '3',
  RABBITMQ_CONFIRM_MS: '900',
  RABBITMQ_DELIVERY_LIMIT: '7',
  RABBITMQ_DEAD_LETTER_MIRROR: 'true',
  PREFETCH: '9',
};
const direct = new URL(process.env['RABBITMQ_URL'] ?? '');
const host = decodeURIComponent(direct.pathname.slice(1)) || '/';

let service: Configured;
let proxy: FaultProxy;
let management: string;

/** A list of RabbitMQ's management API, of which `pick` finds the wanted one; it is some seconds behind. */
const seen = <T>(list: string, pick: (each: T) => boolean): Promise<T> =>
  found(async () => {
    const { username, password } = direct;
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const answer = await fetch(`${management}/api/${list}`, { headers: { authorization } });
    return ((await answer.json()) as T[]).find(pick);
  });

interface QueueSeen {
  readonly name: string;
  readonly durable: boolean;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly messages?: number;
}
const queue = (name: string) =>
  seen<QueueSeen>('queues', (each) => each.name === `${service.namespace}.${name}`);
const connection = () =>
  seen<{ user: string; vhost: string; timeout: number; client_properties: object }>(
    'connections',
    ({ client_properties, timeout }) =>
      timeout !== undefined && JSON.stringify(client_properties).includes('settings'),
  );

beforeAll(async () => {
  const [status] = await openStack(process.env['STACK_DATA']).status(['rabbitmq']);
  management = `http://127.0.0.1:${status?.ports['management']}`;
  proxy = await FaultProxy.open({ host: direct.hostname, port: Number(direct.port || 5672) });
  const url = Object.assign(new URL(direct), { port: String(proxy.port), search: 'heartbeat=17' });
  service = await configured('rabbitmq', { ...given, RABBITMQ_URL: url.href });
  await service.scene.group('orders', { partitions: 1 });
});
afterAll(async () => {
  await service.close();
  await proxy.close();
});

it.each([
  [
    'RABBITMQ_DELIVERY_LIMIT',
    async () => (await queue('orders.0')).arguments['x-delivery-limit'],
    7,
  ],
  ['the path of RABBITMQ_URL', async () => (await connection()).vhost, host],
  ['the user of RABBITMQ_URL', async () => (await connection()).user, direct.username],
  ['the heartbeat of RABBITMQ_URL', async () => (await connection()).timeout, 17],
  ['RABBITMQ_DEAD_LETTER_MIRROR', async () => (await queue('orders.0.dead')).durable, true],
])('%s is what RabbitMQ has', async (_, read, effective) => {
  expect(await read()).toEqual(effective);
});

it('PREFETCH is what RabbitMQ gives a consumer before it acks', async () => {
  const holder = await service.scene.holder('orders', service.prefetch);
  const consumer = await seen<{ queue: { name: string }; prefetch_count: number }>(
    'consumers',
    (each) => each.queue.name === `${service.namespace}.orders.0`,
  );
  expect(consumer.prefetch_count).toBe(9);
  await holder.leave();
});

it('RABBITMQ_WINDOW is how many messages wait for a confirm, RABBITMQ_CONFIRM_MS how long each does', async () => {
  const { scene } = service;
  await scene.publish(scene.message('first')).settled(1);
  proxy.set({ silent: 'down' });
  const sent = scene.publish(...scene.series('late', 10));
  await sent.settled(10);
  expect(sent.told[0]?.error?.message).toContain('no answer within 900 ms');
  proxy.set({});
  proxy.cut();
  const { messages } = await seen<QueueSeen>(
    'queues',
    ({ name, messages = 0 }) => name === `${service.namespace}.orders.0` && messages >= 4,
  );
  expect(messages).toBe(4);
});
