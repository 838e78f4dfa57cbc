import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Message, newId, timeOfId } from '@waybill/contracts';
import type { SubmitOptions } from '@waybill/messaging';
import type { Log } from '@waybill/observability';
import { signedHeaders } from '@waybill/webhooks';
import { Carriers } from '../clients/carrier.ts';
import type { ShippingConfig } from '../shipping.config.ts';
import { CarrierWebhookController } from './carrier-webhook.controller.ts';

const secret = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
const now = new Date('2026-01-01T00:00:00.000Z');
const orderId = newId();
const fact = {
  carrier: 'heron',
  operationId: `${orderId}/book-shipment`,
  trackingNumber: 'HP1',
  status: 'picked_up',
  at: '2025-12-31T23:59:00.000Z',
};

let submitted: { message: Message; options: SubmitOptions | undefined }[];
let fate: string;
let warnings: object[];
let controller: CarrierWebhookController;

beforeEach(() => {
  submitted = [];
  fate = 'applied';
  const submitter = {
    submit: async <A>(message: Message, options?: SubmitOptions): Promise<A> => {
      submitted.push({ message, options });
      return { fate } as A;
    },
    overload: () => undefined,
  };
  const named = (name: string) => ({ name }) as never;
  const carriers = new Carriers([named('heron'), named('oxcart')]);
  const config = { webhookSecrets: [secret] } as unknown as ShippingConfig;
  const clock = { now: () => now, after: () => () => undefined };
  warnings = [];
  const log = { warn: (what: object) => warnings.push(what) } as unknown as Log;
  controller = new CarrierWebhookController(carriers, submitter, config, clock, log);
});

const trace = { correlationId: 'c-1', traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` };

/** Sends a webhook that the carrier of `path` has signed; `change` is applied after signing. */
function post(
  data: object,
  path = 'heron',
  change: { id?: string; headers?: Record<string, string>; type?: string } = {},
) {
  const body = { type: change.type ?? 'shipment.moved', data };
  const bytes = JSON.stringify(body);
  const headers = {
    ...signedHeaders(secret, { id: change.id ?? 'evt_1', body: bytes }, now),
    ...change.headers,
  };
  return controller.take(
    path,
    headers['webhook-id'],
    { headers, rawBody: Buffer.from(bytes) },
    body,
    trace,
  );
}

describe('the webhook of a carrier', () => {
  it('becomes a message of its order, the same one however often it is sent', async () => {
    expect(await post(fact)).toEqual({ fate: 'applied' });
    await post(fact);
    const [first, second] = submitted;
    const { operationId: _, ...told } = fact;
    expect(first?.message.data).toEqual({ orderId, parcel: 1, ...told });
    expect(second?.options?.id).toBe(first?.options?.id);
    expect(first?.options).toMatchObject(trace);
    expect(timeOfId(first?.options?.id ?? '')).toBe(Date.parse(fact.at));
  });

  it('is another message when it tells something else, also under the same id and time', async () => {
    await post(fact);
    await post({ ...fact, status: 'in_transit' });
    await post({ ...fact, trackingNumber: 'HP2' });
    await post({ ...fact, operationId: `${newId()}/book-shipment` });
    expect(new Set(submitted.map(({ options }) => options?.id)).size).toBe(4);
  });

  it('is answered with what became of it; what can never be applied is in the log too', async () => {
    for (const each of ['held', 'known', 'contradicts']) {
      fate = each;
      expect(await post(fact)).toEqual({ fate: each });
    }
    expect(warnings).toEqual([expect.objectContaining({ orderId, status: 'picked_up' })]);
  });

  it('gives an old fact the time of today: what follows from it must not be too old', async () => {
    await post({ ...fact, at: '2025-10-01T00:00:00.000Z' });
    expect(timeOfId(submitted[0]?.options?.id ?? '')).toBe(now.getTime());
  });

  it('is not taken on the path of another carrier', async () => {
    for (const [carrier, path] of [
      ['heron', 'oxcart'],
      ['oxcart', 'heron'],
    ] as const) {
      await expect(post({ ...fact, carrier }, path)).rejects.toMatchObject({
        status: 422,
        code: 'invalid_webhook',
      });
    }
    expect(submitted).toEqual([]);
    await post({ ...fact, carrier: 'oxcart' }, 'oxcart');
    expect(submitted[0]?.message.data).toMatchObject({ carrier: 'oxcart' });
  });

  it.each([
    '0000-01-01T00:00:00Z',
    '1969-12-31T23:59:59Z',
    `2026-01-01T00:00:00.${'9'.repeat(99)}Z`,
  ])('refuses a moment that no database holds: %s', async (at) => {
    await expect(post({ ...fact, at })).rejects.toThrow('data');
    expect(submitted).toEqual([]);
  });

  it.each([
    ['a carrier that is not ours', fact, 'nobody', {}, 404, 'unknown_carrier'],
    [
      'a wrong signature',
      fact,
      'heron',
      { headers: { 'webhook-signature': 'v1,AAAA' } },
      401,
      'invalid_signature',
    ],
    [
      'an old one',
      fact,
      'heron',
      { headers: { 'webhook-timestamp': '1' } },
      401,
      'invalid_signature',
    ],
    ['an id of another form', fact, 'heron', { id: 'evt 1' }, 422, 'invalid_webhook'],
    [
      'a parcel of no order',
      { ...fact, operationId: 'another-shop-17' },
      'heron',
      {},
      404,
      'unknown_shipment',
    ],
    [
      'a parcel of an order whose id is none',
      { ...fact, operationId: `${'-'.repeat(36)}/book-shipment` },
      'heron',
      {},
      404,
      'unknown_shipment',
    ],
  ])('refuses %s', async (_, data, path, change, status, code) => {
    await expect(post(data, path, change)).rejects.toMatchObject({ status, code });
    expect(submitted).toEqual([]);
  });

  it('refuses a body that is no fact about a parcel', async () => {
    await expect(post({ ...fact, status: 'lost' })).rejects.toThrow();
    await expect(post(fact, 'heron', { type: 'invoice.sent' })).rejects.toThrow();
    expect(submitted).toEqual([]);
  });

  it('says that a parcel is not known when the shipment says so', async () => {
    fate = 'unknown';
    await expect(post(fact)).rejects.toMatchObject({ status: 404, code: 'unknown_shipment' });
  });
});
