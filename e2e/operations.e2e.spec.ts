import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { channelOf, encode, newId, RestockProduct, seal } from '@waybill/contracts';
import { Client as Database } from 'pg';
import type { List, ProblemView } from './system/client.ts';
import { eventually } from './system/eventually.ts';
import { stockOf, stockUp } from './system/products.ts';
import { useSystem } from './system/test-system.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

interface DeadLetter {
  readonly id: string;
  readonly type: string;
  readonly key: string;
  readonly attempts: number;
}

describe('operating the system', () => {
  const system = useSystem();

  /** As an older or broken release would: straight into an outbox, past every check of the sender. */
  async function sendUnchecked(data: object, key: string): Promise<void> {
    const good = RestockProduct({
      requestId: randomUUID(),
      sku: 'GOOD',
      quantity: 1,
      warehouse: 'MAIN',
    });
    const id = newId();
    const cause = { id, correlationId: id, traceparent: null };
    const sealed = seal(good, { cause, source: 'inventory', now: new Date(), name: 'unchecked' });
    const body = encode({ ...sealed, causationId: null, key, data });
    const database = new Database(system().data.whereabouts().databases.inventory);
    await database.connect();
    try {
      await database.query(
        'insert into outbox (id, broker, lane, channel, key, body) values ($1, $2, 0, $3, $4, $5)',
        [sealed.id, 'embedded', channelOf(RestockProduct), key, body],
      );
    } finally {
      await database.end();
    }
  }

  /** The same many times, each with an id of its own, for a product that nobody knows yet. */
  async function sendManyUnchecked(sku: string, count: number): Promise<void> {
    const rows = Array.from({ length: count }, () => {
      const id = newId();
      const cause = { id, correlationId: id, traceparent: null };
      const restock = { requestId: randomUUID(), sku, quantity: 1, warehouse: 'MAIN' };
      const context = { cause, source: 'inventory', now: new Date(), name: 'unchecked' };
      const sealed = { ...seal(RestockProduct(restock), context), causationId: null };
      return { id: sealed.id, body: encode(sealed) };
    });
    const database = new Database(system().data.whereabouts().databases.inventory);
    await database.connect();
    try {
      await database.query(
        `insert into outbox (id, broker, lane, channel, key, body)
         select id, 'embedded', 0, $3, $4, body from unnest($1::uuid[], $2::text[]) as t (id, body)`,
        [rows.map(({ id }) => id), rows.map(({ body }) => body), channelOf(RestockProduct), sku],
      );
    } finally {
      await database.end();
    }
  }

  /** As an operator does at a terminal. */
  const deadLetters = async (...words: readonly string[]): Promise<string> => {
    const env = { ...process.env, WAYBILL_URL: system().url };
    const command = join(root, 'tools', 'dead-letters.mjs');
    const options = { env, maxBuffer: 64 * 1024 * 1024 };
    return (await promisify(execFile)(process.execPath, [command, ...words], options)).stdout;
  };

  async function deadLetterOf(key: string): Promise<DeadLetter> {
    const ops = await system().as('ops');
    return eventually(`the dead letter of ${key} is listed`, async () => {
      const path = '/api/v1/dead-letters?type=inventory.restock-product';
      const { body } = await ops.get<List<DeadLetter>>(path);
      return body.items.find((item) => item.key === key);
    });
  }

  it('shows a poison message as a dead letter, and redrives it once its data are corrected', async () => {
    const ops = await system().as('ops');
    await stockUp(ops, 'BAROMETER', 5);
    const poison = { requestId: randomUUID(), sku: 'BAROMETER', quantity: -7, warehouse: 'MAIN' };
    await sendUnchecked(poison, 'BAROMETER');
    const { id } = await deadLetterOf('BAROMETER');
    const read = await ops.get<object>(`/api/v1/dead-letters/${id}`);
    expect(read.status).toBe(200);
    expect(JSON.stringify(read.body)).toContain('-7');
    const redriven = await ops.post(`/api/v1/dead-letters/${id}/redrive`, {
      data: { ...poison, quantity: 7 },
    });
    expect(redriven.status).toBe(202);
    await eventually('the restock is applied', async () => {
      const { available } = await stockOf(ops, 'BAROMETER');
      return available === 12;
    });
    expect((await ops.get(`/api/v1/dead-letters/${id}`)).status).toBe(404);
  });

  it('discards a dead letter for good, and takes no other message of its key with it', async () => {
    const ops = await system().as('ops');
    await stockUp(ops, 'SUNDIAL', 5);
    await sendUnchecked({ nonsense: true }, 'SUNDIAL');
    const { id } = await deadLetterOf('SUNDIAL');
    const order = await (await system().as('ada')).buy({
      lines: [{ sku: 'SUNDIAL', quantity: 1 }],
    });
    expect(order.status).toBe('confirmed');
    expect((await ops.send('DELETE', `/api/v1/dead-letters/${id}`)).status).toBe(204);
    expect((await ops.send('DELETE', `/api/v1/dead-letters/${id}`)).status).toBe(404);
    expect(await ops.all('/api/v1/dead-letters')).toEqual([]);
  });

  it('redrives thousands with one command, without losing or doubling one', async () => {
    const ops = await system().as('ops');
    const count = 2_000;
    await sendManyUnchecked('LATECOMER', count);
    const listed = () =>
      deadLetters('list', '--type', 'inventory.restock-product', '--limit', '20000');
    await eventually('all are dead letters', async () =>
      (await listed()).includes(`${count} dead letters`),
    );
    await stockUp(ops, 'LATECOMER', 1);
    expect(await deadLetters('redrive', '--type', 'inventory.restock-product')).toContain(
      `${count} are handled again`,
    );
    await eventually('all of them are applied', async () => {
      const { available } = await stockOf(ops, 'LATECOMER');
      return available === count + 1;
    });
    expect(await listed()).toContain('0 dead letters');
  });

  it('lists every channel with what has gone through it', async () => {
    const ops = await system().as('ops');
    const channels = await ops.all<{ channel: string; group: string; depth: number }>(
      '/api/v1/channels',
    );
    const groups = new Set(channels.map(({ group }) => group));
    for (const group of ['order', 'inventory', 'payment', 'shipping', 'analytics']) {
      expect(groups).toContain(group);
    }
    for (const { depth } of channels) expect(depth).toBeGreaterThanOrEqual(0);
  });

  it('lists the sagas, and refuses to compensate one that is past its pivot', async () => {
    const ops = await system().as('ops');
    const { id } = await (await system().as('ada')).buy();
    const saga = await ops.get<{ id: string }>(`/api/v1/sagas/${id}`);
    expect(saga.status).toBe(200);
    const sagas = await ops.all<{ id: string }>('/api/v1/sagas?limit=2');
    expect(sagas.map((each) => each.id)).toContain(saga.body.id);
    const late = await ops.post<ProblemView>(`/api/v1/sagas/${id}/compensate`, {});
    expect(late.status).toBe(409);
  });

  it('gives up an order that waits for its provider when an operator says so', async () => {
    const [ada, ops] = await Promise.all([system().as('ada'), system().as('ops')]);
    await system().sandboxes.providerFaults({ latencyMs: 8_000 });
    const placed = await ada.placeOrder();
    const gaveUp = await eventually('the saga takes the wish', async () => {
      const answer = await ops.post(`/api/v1/sagas/${placed.body.id}/compensate`, {});
      return answer.status === 202;
    });
    await system().sandboxes.providerFaults({});
    expect(gaveUp).toBe(true);
    expect((await ada.settled(placed.body.id)).status).toBe('rejected');
  });

  it('is healthy, and says so with every check and its thresholds', async () => {
    const nobody = system().anonymous();
    expect((await nobody.get('/health/live')).status).toBe(200);
    expect((await nobody.get('/health/ready')).status).toBe(200);
    const health = await nobody.get<{ status: string; services: { checks: object[] }[] }>(
      '/health',
    );
    expect(health.status).toBe(200);
    expect(health.body.status).toBe('healthy');
    for (const { checks } of health.body.services) expect(checks.length).toBeGreaterThan(3);
  });

  it('counts what flows, for Prometheus', async () => {
    const answer = await system().anonymous().get('/metrics');
    expect(answer.status).toBe(200);
    const text = answer.bytes.toString();
    expect(text).toMatch(/^# TYPE \S+ (counter|gauge|histogram)$/m);
    for (const service of ['order', 'inventory', 'payment', 'shipping']) {
      expect(text).toContain(`service="${service}"`);
    }
  });

  it('documents every route', async () => {
    const nobody = system().anonymous();
    const document = await nobody.get<{ openapi: string; paths: Record<string, object> }>(
      '/openapi.json',
    );
    expect(document.status).toBe(200);
    expect(document.body.openapi).toMatch(/^3\.1/);
    for (const path of ['/api/v1/orders', '/api/v1/orders/{id}', '/api/v1/products/{sku}']) {
      expect(Object.keys(document.body.paths)).toContain(path);
    }
    const viewer = await nobody.get('/docs');
    expect(viewer.status).toBe(200);
    expect(viewer.headers.get('content-type')).toContain('text/html');
  });

  it('leaves every invariant intact', async () => {
    expect(await system().verify()).toEqual([]);
  });
});
