import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { Draining } from '@waybill/http';
import { oneBroker } from '@waybill/messaging';
import { HandClock } from '@waybill/messaging/testing';
import type { Log } from '@waybill/observability';
import { type RedisBroker, redisBroker } from '@waybill/redis';
import { atOnce, liveMessage, OwnRedis, publish, until } from '@waybill/redis/testing';
import { LiveUpdates } from '@waybill/service';
import type { OrderRepository } from '../storage/order.repository.ts';
import {
  caller,
  FollowedOrder,
  KeptStream,
  noDocuments,
  personal,
} from '../testing/followed-order.ts';
import { OrderSignals } from './order-signals.ts';
import { OrderStream } from './order-stream.ts';

jest.setTimeout(30_000);

let redis: OwnRedis;
let writer: RedisBroker;
let reader: RedisBroker;
let order: FollowedOrder;
let stream: KeptStream;

beforeEach(async () => {
  redis = await OwnRedis.start();
  writer = redisBroker({ url: redis.url, service: 'writer' });
  reader = redisBroker({ url: redis.url, service: 'reader' });
  await Promise.all([writer.declare([]), reader.declare([])]);
  order = new FollowedOrder(1);
  stream = new KeptStream();
  // The clock never advances, so only live updates and their gaps can trigger a read.
  const clock = new HandClock();
  const signals = new OrderSignals(new LiveUpdates(oneBroker(reader)), new Draining(), clock);
  const orders = order as unknown as OrderRepository;
  const log = { warn: () => undefined } as unknown as Log;
  new OrderStream(orders, noDocuments, signals, personal, clock, log).follow(
    order.id,
    0,
    stream.asStream,
    { caller },
  );
  await until('the reader is subscribed', () => reader.listens);
});

afterEach(async () => {
  stream.end();
  await Promise.all([writer.close(), reader.close()]);
  await redis.kill();
});

/** Changes the order in the writer's process, which publishes the update. */
async function change(): Promise<string> {
  order.moves(1);
  const [told = ''] = await publish(writer, liveMessage(order.id));
  return told;
}

it('a stream in one process receives changes in another', async () => {
  expect([await change(), await change()]).toEqual(['ok', 'ok']);
  await until('all versions came', () => stream.versions().length === 3);
  expect(stream.versions()).toEqual([1, 2, 3]);
});

it.each(['stop', 'kill'] as const)(
  'while Redis is down after a %s changes go on at once; the stream is complete within 5 s of its return',
  async (how) => {
    await redis[how]();
    await until('it is noticed', () => writer.state() === 'connecting');
    for (let n = 0; n < 20; n += 1) expect(await atOnce(change())).toBe('broker_away');
    await redis.start();
    await until('the stream is complete', () => stream.versions().length === 21, 5_000);
    expect(stream.versions()).toEqual(Array.from({ length: 21 }, (_, n) => n + 1));
    await until('both are back', () =>
      [writer, reader].every((its) => its.state() === 'connected'),
    );
    expect(await change()).toBe('ok');
    await until('news come again', () => stream.versions().length === 22);
  },
);
