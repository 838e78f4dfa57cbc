import { beforeEach, describe, expect, it } from '@jest/globals';
import { type DataOf, newId, OrderAnnounced } from '@waybill/contracts';
import { ConsumerBench } from '@waybill/messaging/testing';
import { notificationConfig } from '../notification.config.ts';
import { EmailConsumer } from './email.consumer.ts';

let bench: ConsumerBench;

beforeEach(async () => {
  const config = notificationConfig.parse({ SMTP_URL: 'smtp://127.0.0.1', THANK_YOU_AFTER: '1h' });
  const handlers = [new EmailConsumer(config).email()];
  bench = await new ConsumerBench(handlers, { service: 'notification' }).start();
});

const orderId = newId();
const announced = (change: Partial<DataOf<typeof OrderAnnounced>> = {}) =>
  OrderAnnounced({
    orderId,
    number: 'W-1001',
    status: 'confirmed',
    reason: null,
    customer: { id: 'ada', name: 'Ada Lovelace', email: 'ada@example.com' },
    lines: [{ sku: 'MUG', quantity: 2 }],
    total: { amount: 2_580, currency: 'EUR' },
    shippingMethod: 'standard',
    country: 'DE',
    at: '2026-01-01T00:00:00.000Z',
    ...change,
  });
const delivered = () =>
  [...bench.store.states.entries()]
    .filter(([name]) => name.startsWith('deliveries/'))
    .map(([, { value }]) => value);
const queued = () =>
  bench.store.entries.map(({ row }) => {
    const { key, priority, dueAt } = row as Record<string, unknown>;
    return { key, priority, dueAt };
  });
const email = (message = announced(), id?: string) =>
  bench.deliver(message, { group: 'notification.email', ...(id ? { id } : {}) });

describe('e-mails about orders', () => {
  it.each(['confirmed', 'rejected', 'cancelled', 'shipped', 'delivered'] as const)(
    'are recorded when an order is %s',
    async (status) => {
      email(announced({ status }));
      await bench.quiet();

      expect(delivered()).toContainEqual(
        expect.objectContaining({
          id: `${orderId}/order-${status}`,
          template: `order-${status}`,
          recipient: 'ada@example.com',
          status: 'queued',
          news: expect.objectContaining({ number: 'W-1001' }),
        }),
      );
    },
  );

  it('are recorded once, even when the news comes twice under different ids', async () => {
    const id = newId();
    email(announced(), id);
    email(announced(), id);
    email(announced());
    await bench.quiet();
    email(announced());
    await bench.quiet();

    expect(delivered()).toHaveLength(1);
    expect(bench.open()).toBe(0);
  });

  it('of express orders go first, and those that thank for an order an hour later and last', async () => {
    email(announced({ status: 'delivered', shippingMethod: 'express' }));
    await bench.quiet();

    const due = (ms: number) => new Date(bench.clock.now().getTime() + ms).toISOString();
    expect(queued()).toEqual([
      { key: `${orderId}/order-delivered`, priority: 2, dueAt: due(-60_000) },
      { key: `${orderId}/thank-you`, priority: 0, dueAt: due(3_600_000) },
    ]);
  });
});
