import { createHmac } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Message, newId, timeOfId } from '@waybill/contracts';
import type { SubmitOptions } from '@waybill/messaging';
import { orderId } from '../testing/payments.fixture.ts';
import { ProviderWebhookController } from './provider-webhook.controller.ts';
import { SandboxWebhooks } from './sandbox-webhooks.ts';

const key = Buffer.alloc(32, 3);
const now = new Date('2026-01-01T00:00:00.000Z');
const event = {
  id: 'evt_1',
  type: 'charge.captured',
  createdAt: '2025-12-31T23:59:00.000Z',
  data: {
    operationId: `${orderId}/capture-payment`,
    orderId,
    chargeId: 'ch_1',
    amount: 1999,
    currency: 'EUR',
  },
};

let submitted: { message: Message; options: SubmitOptions | undefined }[];
let controller: ProviderWebhookController;
beforeEach(() => {
  submitted = [];
  const submitter = {
    submit: async <A>(message: Message, options?: SubmitOptions): Promise<A> => {
      submitted.push({ message, options });
      return undefined as A;
    },
    overload: () => undefined,
  };
  const clock = { now: () => now, after: () => () => undefined };
  const webhooks = new SandboxWebhooks([`whsec_${key.toString('base64')}`]);
  controller = new ProviderWebhookController(submitter, clock, webhooks);
});

const trace = { correlationId: 'c-1', traceparent: 't-1' };

function post(body: unknown, headers: Record<string, string> = {}, provider = 'sandbox') {
  const rawBody = Buffer.from(JSON.stringify(body));
  const timestamp = String(now.getTime() / 1_000);
  const mac = createHmac('sha256', key).update(`evt_1.${timestamp}.`).update(rawBody);
  const signature = `v1,${mac.digest('base64')}`;
  return controller.take(
    provider,
    {
      'webhook-id': 'evt_1',
      'webhook-timestamp': timestamp,
      'webhook-signature': signature,
      ...headers,
    },
    { rawBody },
    body,
    trace,
  );
}

describe('the webhook of a payment provider', () => {
  it('becomes a message of its order, the same one however often it is sent', async () => {
    await post(event);
    await post(event);
    const [first, second] = submitted;
    expect(first?.message.data).toMatchObject({
      eventId: 'evt_1',
      orderId,
      type: 'charge.captured',
    });
    expect(second?.options?.id).toBe(first?.options?.id);
    expect(first?.options).toMatchObject(trace);
    expect(timeOfId(first?.options?.id ?? '')).toBe(Date.parse(event.createdAt));
  });

  it('is another message when it tells something else, also under the same id', async () => {
    await post(event);
    await post({ ...event, type: 'charge.disputed' });
    await post({ ...event, data: { ...event.data, amount: 5 } });
    await post({ ...event, data: { ...event.data, orderId: newId() } });
    expect(new Set(submitted.map(({ options }) => options?.id)).size).toBe(4);
  });

  it('gives an old event the time of today: what follows from it must not be too old', async () => {
    await post({ ...event, createdAt: '2025-10-01T00:00:00.000Z' });
    const [sent] = submitted;
    expect(timeOfId(sent?.options?.id ?? '')).toBe(now.getTime());
  });

  it.each([
    ['a wrong signature', event, { 'webhook-signature': 'v1,AAAA' }, 401],
    ['an old one', event, { 'webhook-timestamp': '1' }, 401],
    ['another id in the header', { ...event, id: 'evt_2' }, {}, 400],
  ])('refuses %s', async (_, body, headers, status) => {
    await expect(post(body, headers)).rejects.toMatchObject({ status });
    expect(submitted).toEqual([]);
  });

  it('refuses a body that is no event, and a provider that it does not know', async () => {
    await expect(post({ id: 'evt_1' })).rejects.toThrow();
    await expect(post(event, {}, 'nobody')).rejects.toMatchObject({ status: 404 });
    expect(submitted).toEqual([]);
  });

  it.each([
    '0000-01-01T00:00:00Z',
    '1969-12-31T23:59:59Z',
    `2026-01-01T00:00:00.${'9'.repeat(99)}Z`,
  ])('refuses a moment that no database holds: %s', async (createdAt) => {
    await expect(post({ ...event, createdAt })).rejects.toThrow('createdAt');
    expect(submitted).toEqual([]);
  });

  it('knows an order by its id in capital letters too', async () => {
    await post({ ...event, data: { ...event.data, orderId: orderId.toUpperCase() } });
    expect(submitted[0]?.message.data).toMatchObject({ orderId });
  });

  it('takes what is not for us without doing anything, so that it is not sent again', async () => {
    await post({ ...event, type: 'payout.paid' });
    await post({ ...event, data: { ...event.data, orderId: 'another-shop-17' } });
    expect(submitted).toEqual([]);
  });
});
