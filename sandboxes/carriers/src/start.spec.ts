import { createHmac } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isLive } from './booking.ts';
import { type Carriers, startCarriers } from './start.ts';

const apiKey = 'a-key-for-the-carriers';
const secret = 'whsec_Y2FycmllcnMtZGV2ZWxvcG1lbnQtc2VjcmV0';
const body = {
  reference: 'order',
  method: 'standard',
  weightGrams: 1_200,
  address: { name: 'Ada', line1: '1 Main St', city: 'Berlin', postalCode: '10115', country: 'DE' },
};

describe('the carriers', () => {
  let folder: string;
  let carriers: Carriers;
  const start = () =>
    startCarriers({
      dataFile: join(folder, 'ledger'),
      port: 0,
      apiKey,
      firstWebhookRetry: 5,
      random: () => 0.5,
    });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'carriers-'));
    carriers = await start();
  });
  afterEach(async () => {
    await carriers.close();
    await rm(folder, { recursive: true });
  });

  const call = (method: string, path: string, data?: unknown, headers = {}) =>
    fetch(carriers.url + path, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(data === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(data === undefined ? {} : { body: JSON.stringify(data) }),
    });
  const book = (operationId: string, data: object = body) =>
    call('POST', '/v1/heron/bookings', data, { 'idempotency-key': operationId });
  const restart = async () => {
    await carriers.close();
    carriers = await start();
  };

  it('quote a price, or say that they do not serve', async () => {
    const quote = { country: 'FR', weightGrams: 900, method: 'express' };
    expect(await (await call('POST', '/v1/heron/quotes', quote)).json()).toEqual({
      carrier: 'heron',
      method: 'express',
      cost: { amount: 3150, currency: 'EUR' },
      days: 2,
    });
    const refused = await call('POST', '/v1/oxcart/quotes', quote);
    expect(refused.status).toBe(422);
    expect(await refused.json()).toMatchObject({ code: 'not_served' });
  });

  it('let in nobody without the key', async () => {
    expect((await fetch(`${carriers.url}/ledger`)).status).toBe(401);
  });

  it.each([
    { ...body, weightGrams: -1 },
    { ...body, weightGrams: '12' },
    { ...body, extra: true },
    { ...body, address: null },
  ])('refuse a malformed booking', async (data) => {
    const refused = await book('op', data);
    expect(refused.status).toBe(400);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    expect(carriers.ledger()).toEqual([]);
  });

  it('know their bookings, cancellations and tombstones after a restart', async () => {
    const first = await (await book('one')).json();
    await book('two');
    await call('POST', '/v1/heron/cancellations', { operationId: 'two' });
    await call('POST', '/v1/heron/cancellations', { operationId: 'never' });
    await restart();
    expect(await (await book('one')).json()).toEqual(first);
    expect((await book('two')).status).toBe(409);
    expect((await book('never')).status).toBe(409);
    expect(
      ((await (await book('three')).json()) as { trackingNumber: string }).trackingNumber,
    ).toBe('HP000000031DE');
  });

  it('forget a line that a crash cut off, and write on behind the last whole one', async () => {
    await book('one');
    await carriers.close();
    await appendFile(join(folder, 'ledger'), '{"kind":"booked","carr');
    carriers = await start();
    await book('two');
    await restart();
    expect(carriers.ledger().map(({ operationId }) => operationId)).toEqual(['one', 'two']);
  });

  it.each([
    ['{}', 'is not an entry of a ledger'],
    ['[]', 'is not an entry of a ledger'],
    ['{"kind":"told"}', 'is not an entry of a ledger'],
    [
      '{"kind":"cancelled","carrier":"nobody","operationId":"a","at":"2026-01-01T00:00:00Z"}',
      'there is no carrier nobody',
    ],
    [
      '{"kind":"moved","carrier":"heron","operationId":"a","at":"2026-01-01T00:00:00Z","eventId":"e","status":"delivered"}',
      'the ledger moves a, which was never booked',
    ],
  ])('do not begin on a ledger that holds %s, and name the line', async (line, says) => {
    const dataFile = join(folder, 'damaged');
    await appendFile(dataFile, `${line}\n`);
    const begun = startCarriers({ dataFile, port: 0, apiKey });
    await expect(begun).rejects.toThrow(`line 1 of ${dataFile} ${says}`);
  });

  it('have every answered booking on disk when many come at once', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => book(`op-${n}`)));
    expect(answers.every(({ status }) => status === 201)).toBe(true);
    const lines = (await readFile(join(folder, 'ledger'), 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(100);
  });

  it('book although the answer is lost, once', async () => {
    await call('PUT', '/faults/heron', { loseBookings: 1 });
    await expect(book('one')).rejects.toThrow();
    await call('PUT', '/faults/heron', {});
    expect((await book('one')).status).toBe(201);
    expect(carriers.ledger().filter(isLive)).toHaveLength(1);
  });

  it('do nothing while they are down, fail or must not be asked so often', async () => {
    await call('PUT', '/faults/heron', { down: true });
    await expect(book('one')).rejects.toThrow();
    await call('PUT', '/faults/heron', { errorShare: 1, errorStatus: 429 });
    expect((await book('one')).status).toBe(429);
    expect(carriers.ledger()).toEqual([]);
  });

  describe('tell the shipper', () => {
    let receiver: Server;
    let got: { headers: IncomingHttpHeaders; raw: string; url: string }[];
    let refuse: number;
    let enough: () => void;

    beforeEach(async () => {
      got = [];
      refuse = 0;
      enough = () => {};
      receiver = createServer(async (request, response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const fails = refuse > 0;
        refuse -= 1;
        response.writeHead(fails ? 503 : 204).end();
        const raw = Buffer.concat(chunks).toString();
        if (!fails) got.push({ headers: request.headers, raw, url: request.url ?? '' });
        enough();
      });
      await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    });
    afterEach(() => {
      receiver.closeAllConnections();
      receiver.close();
    });

    const tell = () => {
      const { port } = receiver.address() as AddressInfo;
      carriers.sendWebhooksTo({ url: `http://127.0.0.1:${port}/{carrier}`, secret });
    };
    const received = (count: number) =>
      new Promise<void>((resolve) => {
        enough = () => {
          if (got.length >= count) resolve();
        };
        enough();
      });

    it('of every move, signed over the raw bytes, until it is answered', async () => {
      refuse = 2;
      tell();
      await book('one');
      const move = { carrier: 'heron', operationId: 'one', status: 'delivered' };
      expect((await call('POST', '/moves', move)).status).toBe(202);
      await received(3);
      expect(got.map(({ raw }) => JSON.parse(raw).data.status).sort()).toEqual([
        'delivered',
        'in_transit',
        'picked_up',
      ]);
      for (const { headers, raw, url } of got) {
        const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${raw}`;
        const key = Buffer.from(secret.slice(6), 'base64');
        const expected = createHmac('sha256', key).update(signed).digest('base64');
        expect(headers['webhook-signature']).toBe(`v1,${expected}`);
        expect(url).toBe('/heron');
      }
    });

    it('of moves that were not delivered before a restart', async () => {
      await book('one');
      await call('POST', '/moves', { carrier: 'heron', operationId: 'one', status: 'picked_up' });
      await restart();
      tell();
      await received(1);
      expect(JSON.parse(got[0]?.raw ?? '').data).toMatchObject({ status: 'picked_up' });
    });

    it('twice when that fault is on', async () => {
      tell();
      await call('PUT', '/faults/heron', { webhookCopies: 2 });
      await book('one');
      await call('POST', '/moves', { carrier: 'heron', operationId: 'one', status: 'picked_up' });
      await received(2);
      expect(new Set(got.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    });
  });
});
