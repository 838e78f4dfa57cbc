import { beforeEach, describe, expect, it } from '@jest/globals';
import { type DataOf, newId, OrderAnnounced } from '@waybill/contracts';
import { ConsumerBench } from '@waybill/messaging/testing';
import { createLog } from '@waybill/observability';
import { EmailConsumer } from './email.consumer.ts';

let bench: ConsumerBench;
let lines: string[];

beforeEach(async () => {
  lines = [];
  const log = createLog({
    service: 'notification',
    level: 'debug',
    write: (line) => lines.push(line),
  });
  const handlers = [new EmailConsumer(log).email()];
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
const email = (message = announced(), id?: string) =>
  bench.deliver(message, { group: 'notification.email', ...(id ? { id } : {}) });

describe('e-mails about orders', () => {
  it.each(['confirmed', 'rejected', 'cancelled', 'shipped', 'delivered'] as const)(
    'are recorded when an order is %s',
    async (status) => {
      email(announced({ status }));
      await bench.quiet();

      expect(delivered()).toMatchObject([
        {
          id: `${orderId}/order-${status}`,
          template: `order-${status}`,
          recipient: 'ada@example.com',
          status: 'logged',
          news: { number: 'W-1001', total: { amount: 2_580, currency: 'EUR' } },
        },
      ]);
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

  it('leave neither name nor address in the log', async () => {
    email();
    await bench.quiet();

    expect(lines.join()).toContain('e-mail recorded');
    expect(lines.join()).not.toMatch(/Lovelace|ada@example/);
  });
});
