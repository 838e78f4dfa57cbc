import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Carriers, startCarriers } from '@waybill/carriers';
import { BreakerOpen, Resilience } from '@waybill/resilience';
import { orderOf } from '../domain/supplier-order.ts';
import { Supplier } from './supplier.ts';

const supplierApiKey = 'a-key-for-the-supplier';
const requestId = '0195a000-0000-7000-8000-000000000001';
const order = orderOf(
  { requestId, sku: 'MUG', quantity: 20 },
  { supplier: 'granary', warehouse: 'MAIN' },
  { now: new Date(), remindAfter: 1_000 },
);
const supplierAt = (supplierUrl: string) =>
  new Supplier({ supplier: 'granary', supplierUrl, supplierApiKey }, new Resilience());

describe('the client of the supplier', () => {
  let folder: string;
  let sandbox: Carriers;
  let supplier: Supplier;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'inventory-'));
    const dataFile = join(folder, 'ledger');
    sandbox = await startCarriers({ dataFile, port: 0, apiKey: supplierApiKey });
    supplier = supplierAt(sandbox.url);
  });
  afterEach(async () => {
    await supplier.onApplicationShutdown();
    await sandbox.close();
    await rm(folder, { recursive: true });
  });
  const faults = (body: object) =>
    fetch(`${sandbox.url}/faults/granary`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${supplierApiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  it('orders once, however often it asks, also when an answer is lost', async () => {
    await faults({ loseBookings: 1 });
    await expect(supplier.order(order)).rejects.toThrow();
    await faults({});
    expect(await supplier.order(order)).toEqual({ outcome: 'ordered' });
    expect(await supplier.order(order)).toEqual({ outcome: 'ordered' });
    expect(sandbox.orders()).toMatchObject([{ orderId: requestId, sku: 'MUG', quantity: 20 }]);
  });

  it('reads a refusal, and that a request came with other goods', async () => {
    await faults({ refuseBookings: 1 });
    const refused = { outcome: 'refused', detail: 'granary has no MUG' };
    expect(await supplier.order(order)).toEqual(refused);
    await faults({});
    await supplier.order(order);
    expect(await supplier.order({ ...order, quantity: 1 })).toMatchObject({ outcome: 'refused' });
  });

  it('stops asking a supplier that fails', async () => {
    await faults({ errorShare: 1 });
    for (let n = 0; n < 5; n += 1) await expect(supplier.order(order)).rejects.toThrow();
    await expect(supplier.order(order)).rejects.toBeInstanceOf(BreakerOpen);
    expect(sandbox.orders()).toEqual([]);
  });
});

describe('a hostile answer of the supplier', () => {
  let server: Server;
  let answer: (response: ServerResponse) => void;
  let supplier: Supplier;

  beforeEach(async () => {
    server = createServer((request, response) => {
      request.resume();
      answer(response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    supplier = supplierAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  afterEach(async () => {
    await supplier.onApplicationShutdown();
    server.closeAllConnections();
    server.close();
  });

  it.each<[string, number, string]>([
    ['no JSON', 201, '<html>'],
    ['another shape', 201, '[]'],
    ['another order', 201, '{"orderId":"another","status":"ordered"}'],
    ['an unknown refusal', 422, '{"code":"not_today"}'],
    ['a refusal without sense', 422, '{"code":7}'],
    ['ten megabytes', 201, `"${'x'.repeat(10_000_000)}"`],
    ['a wrong key', 401, '{"code":"unauthorized"}'],
    ['a redirect', 302, ''],
  ])('with %s is none', async (_, status, body) => {
    answer = (response) => response.writeHead(status).end(body);
    await expect(supplier.order(order)).rejects.toThrow();
  });

  it('with a long reason is cut', async () => {
    const body = JSON.stringify({ code: 'not_supplied', detail: 'x'.repeat(9_000) });
    answer = (response) => response.writeHead(422).end(body);
    expect(await supplier.order(order)).toEqual({ outcome: 'refused', detail: 'x'.repeat(500) });
  });
});
