import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Carriers, startCarriers } from './start.ts';

const apiKey = 'a-key-for-the-carriers';
const secret = 'whsec_Y2FycmllcnMtZGV2ZWxvcG1lbnQtc2VjcmV0';

describe('the supplier', () => {
  let folder: string;
  let sandbox: Carriers;
  let shop: Server;
  let received: { url: string | undefined; id: unknown; data: object }[];
  let arrived: () => void;
  const start = (deliversAfter: number) =>
    startCarriers({
      ...{ dataFile: join(folder, 'ledger'), port: 0, apiKey, deliversAfter, firstWebhookRetry: 5 },
    });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'supplier-'));
    received = [];
    arrived = () => {};
    shop = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { data } = JSON.parse(Buffer.concat(chunks).toString()) as { data: object };
      received.push({ url: request.url, id: request.headers['webhook-id'], data });
      response.writeHead(received.length === 1 ? 503 : 202).end();
      arrived();
    });
    await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
    sandbox = await start(0);
  });
  afterEach(async () => {
    await sandbox.close();
    shop.closeAllConnections();
    shop.close();
    await rm(folder, { recursive: true });
  });

  const call = (path: string, data: object, method = 'POST', orderId = 'one') =>
    fetch(sandbox.url + path, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        'content-type': 'application/json',
        'idempotency-key': orderId,
      },
      body: JSON.stringify(data),
    });
  const order = (quantity = 20) => call('/v1/granary/orders', { sku: 'MUG', quantity });
  const tell = () => {
    const { port } = shop.address() as AddressInfo;
    sandbox.sendDeliveriesTo({ url: `http://127.0.0.1:${port}/{supplier}`, secret });
  };
  const webhooks = (count: number) =>
    new Promise<void>((resolve) => {
      arrived = () => {
        if (received.length >= count) resolve();
      };
      arrived();
    });
  const acknowledged = async () => {
    while (!sandbox.orders()[0]?.acknowledged) await new Promise(setImmediate);
  };

  it('takes an order once, delivers it, and says so until it is answered', async () => {
    tell();
    expect((await order()).status).toBe(201);
    expect((await order()).status).toBe(201);
    expect((await order(21)).status).toBe(422);
    await webhooks(2);
    await acknowledged();
    const data = { supplier: 'granary', requestId: 'one', sku: 'MUG', quantity: 20 };
    expect(received).toMatchObject([{ url: '/granary', data }, { data }]);
    expect(received[0]?.id).toBe(received[1]?.id);
    expect(sandbox.orders()).toMatchObject([{ orderId: 'one', status: 'delivered' }]);
    const ledger = await readFile(join(folder, 'supplier.ledger'), 'utf8');
    expect(ledger.trim().split('\n')).toHaveLength(3);
  });

  it('delivers after a restart what it had not, and tells what was not answered', async () => {
    await sandbox.close();
    sandbox = await start(3_600_000);
    await order();
    await sandbox.close();
    sandbox = await start(0);
    tell();
    await webhooks(2);
    await acknowledged();
    expect(sandbox.orders()).toMatchObject([{ status: 'delivered', acknowledged: true }]);
  });

  it('delivers nothing with that fault, unless it is told to', async () => {
    await call('/faults/granary', { neverDelivers: true }, 'PUT');
    await order();
    await order();
    expect(sandbox.orders()).toMatchObject([{ status: 'ordered' }]);
    expect((await call('/deliveries', { orderId: 'one' })).status).toBe(202);
    expect(sandbox.orders()).toMatchObject([{ status: 'delivered' }]);
    expect((await call('/deliveries', { orderId: 'two' })).status).toBe(404);
  });

  it('refuses and hangs up on demand', async () => {
    await call('/faults/granary', { refuseBookings: 1 }, 'PUT');
    expect(await (await order()).json()).toMatchObject({ code: 'not_supplied' });
    await call('/faults/granary', { down: true }, 'PUT');
    await expect(order()).rejects.toThrow();
    expect(sandbox.orders()).toEqual([]);
  });
});
