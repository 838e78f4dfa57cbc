import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { lifeFor } from './retry-queues.ts';
import { RabbitMqUnderTest } from './testing/rabbitmq-under-test.ts';

jest.setTimeout(30_000);

const tried = { attempts: 3, firstAt: '2026-11-30T10:00:00.000Z' };

describe('a message in a retry queue of RabbitMQ', () => {
  let under: RabbitMqUnderTest;

  beforeEach(() => {
    under = new RabbitMqUnderTest(process.env['RABBITMQ_URL'] ?? '');
  });
  afterEach(() => under.end());

  it('comes again after its time, as it was, and says how often it was tried; others go on meanwhile', async () => {
    const scene = await under.scene();
    await scene.group('orders', { partitions: 1 });
    const consumer = await scene.holder('orders', 1);
    const [failing, next] = scene.series('a', 2, { attributes: { region: 'eu' } });
    await scene.publishUntilConfirmed(...[failing, next].flatMap((each) => each ?? []));
    const [first] = await consumer.received(1);
    const from = performance.now();
    await first?.retryAfter?.(1_000, tried);
    const [, second] = await consumer.received(2);
    expect([second?.body, second?.tried]).toEqual([next?.body, undefined]);
    second?.ack();
    const [, , again] = await consumer.received(3);
    expect(performance.now() - from).toBeGreaterThanOrEqual(1_000);
    expect(again).toMatchObject({
      body: first?.body,
      channel: first?.channel,
      partition: 0,
      tried,
    });
    expect(again?.gaveUp).toBeUndefined();
    again?.ack();
  });

  it('comes to another consumer when the one that failed has crashed', async () => {
    const scene = await under.scene();
    await scene.group('orders', { partitions: 1 });
    const doomed = await scene.elsewhere();
    await doomed.group('orders', { partitions: 1 });
    const consumer = await doomed.holder('orders');
    await scene.publishUntilConfirmed(scene.message('a'));
    await (await consumer.received(1))[0]?.retryAfter?.(500, tried);
    await scene.crash(doomed);
    const successor = await scene.consumer('orders');
    // The crash may have undone the ack: then the first try comes again, too.
    const again = () => successor.deliveries.find((delivery) => delivery.tried);
    await scene.until(() => again() !== undefined);
    expect(again()).toMatchObject({ body: 'a', tried });
  });

  it('waits again, longer, when it fails again', async () => {
    const scene = await under.scene();
    await scene.group('orders', { partitions: 1 });
    const consumer = await scene.holder('orders');
    await scene.publishUntilConfirmed(scene.message('a'));
    for (const [at, ms] of [200, 400, 800].entries()) {
      const delivery = (await consumer.received(at + 1))[at];
      expect(delivery?.tried?.attempts).toBe(at === 0 ? undefined : at);
      await delivery?.retryAfter?.(ms, { ...tried, attempts: at + 1 });
    }
    const last = (await consumer.received(4))[3];
    expect([last?.body, last?.tried?.attempts]).toEqual(['a', 3]);
    last?.ack();
  });
});

describe('the time in a retry queue', () => {
  it.each([
    [0, 128],
    [128, 128],
    [129, 256],
    [60_000, 65_536],
    [10 ** 12, 4_194_304],
  ])('for a delay of %d ms is %d ms', (ms, life) => {
    expect(lifeFor(ms)).toBe(life);
  });
});
