import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FieldCipher } from '@waybill/encryption';
import { MemoryKeys } from '@waybill/encryption/testing';
import { type EdgeApp, edgeApp } from '@waybill/http/testing';
import { CLOCK, systemClock } from '@waybill/messaging';
import { CONFIG } from '@waybill/service';
import { notificationConfig } from '../notification.config.ts';
import { WebhookRepository } from '../storage/webhook.repository.ts';
import { WebhookAccess } from './webhook-access.ts';
import { WebhookViews } from './webhook-views.ts';
import { WebhooksController } from './webhooks.controller.ts';

let edge: EdgeApp;
const stored: unknown[] = [];

beforeAll(async () => {
  edge = await edgeApp([WebhooksController], {
    providers: [
      WebhookAccess,
      WebhookViews,
      { provide: WebhookRepository, useValue: { add: async (some: unknown) => stored.push(some) } },
      { provide: FieldCipher, useValue: new MemoryKeys().cipher() },
      { provide: CLOCK, useValue: systemClock },
      { provide: CONFIG, useValue: notificationConfig.parse({ WAYBILL_DEPLOYED: 'true' }) },
    ],
  });
});
afterAll(() => edge?.app.close());

async function create(change: object) {
  const response = await edge.fastify.inject({
    method: 'POST',
    url: '/api/v1/webhooks',
    headers: { authorization: 'Bearer ada' },
    payload: { url: 'https://example.com/', events: ['order.shipped'], ...change },
  });
  return { status: response.statusCode, body: response.json() };
}

describe('a webhook', () => {
  it('is made with a secret that is shown and stored encrypted', async () => {
    const { status, body } = await create({});
    expect([status, body]).toMatchObject([201, { enabled: true, scheme: 'standard' }]);
    expect(JSON.stringify(stored)).not.toContain(body.secret);
    expect(JSON.stringify(stored)).not.toContain('example.com');
  });

  it.each([
    [{ url: 'http://example.com/' }, 422, 'endpoint_refused'],
    [{ url: 'http://127.0.0.1:3000/' }, 422, 'endpoint_refused'],
    [{ url: 'https://localhost/' }, 422, 'endpoint_refused'],
    [{ url: 'https://10.0.0.1/' }, 422, 'endpoint_refused'],
    [{ url: 'https://[::ffff:169.254.169.254]/' }, 422, 'endpoint_refused'],
    [{ url: 'ftp://example.com/' }, 400, 'invalid_request'],
    [{ url: `https://example.com/${'x'.repeat(2_000)}` }, 400, 'invalid_request'],
    [{ url: 7 }, 400, 'invalid_request'],
    [{ events: [] }, 400, 'invalid_request'],
    [{ events: ['order.placed'] }, 400, 'invalid_request'],
    [{ events: ['order.shipped', 'order.shipped'] }, 400, 'invalid_request'],
    [{ description: 'x'.repeat(201) }, 400, 'invalid_request'],
    [{ description: 'a\nb' }, 400, 'invalid_request'],
    [{ scheme: 'none' }, 400, 'invalid_request'],
    [{ secret: 'whsec_mine' }, 400, 'invalid_request'],
  ])('is refused with %j', async (change, status, code) => {
    expect(await create(change)).toMatchObject({
      status,
      body: { code, errors: [{ path: expect.any(String), message: expect.any(String) }] },
    });
  });
});
