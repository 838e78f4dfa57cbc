import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Schemas } from '@waybill/client';
import { Client as Database } from 'pg';
import type { Client } from '../../../system/client.ts';
import { eventually } from '../../../system/eventually.ts';
import { noisyPicture } from '../../../system/noisy-picture.ts';
import { ProcessSystem } from '../../../system/process-system.ts';
import { aProduct } from '../../../system/products.ts';

jest.setTimeout(600_000);

/** Longer than a restart and the lease of a partition. */
const patience = 180_000;

describe('pictures, while their workers are killed', () => {
  let system: ProcessSystem;
  let database: Database;
  let ops: Client;

  beforeAll(async () => {
    system = await ProcessSystem.start({ replicas: { inventory: 2 } });
    ops = await system.as('ops');
    database = new Database({ connectionString: system.databases.inventory });
    await database.connect();
  });
  afterAll(async () => {
    await database?.end();
    await system?.dispose();
  });

  const count = async (query: string): Promise<number> =>
    Number((await database.query<{ count: string }>(`select count(*) ${query}`)).rows[0]?.count);
  const done = () => count('from images');
  /** The products whose picture is resized, in this order. */
  const resized = async (): Promise<string[]> => {
    const query = 'select sku from images join product_images on image = reference order by at';
    return (await database.query<{ sku: string }>(query)).rows.map(({ sku }) => sku);
  };

  /** How many pictures a worker has finished with this outcome since it was started. */
  async function finished(replica: number, outcome: string): Promise<number> {
    const { bytes } = await system.at('inventory', replica).get('/metrics');
    const line = `^waybill_messages_total\\{.*resize-image",outcome="${outcome}".* (\\d+)$`;
    return Number(new RegExp(line, 'm').exec(bytes.toString())?.[1] ?? 0);
  }

  /** New products, for each of which a picture is uploaded. */
  async function upload(many: number, query = ''): Promise<string[]> {
    const skus = Array.from(
      { length: many },
      () => `PICTURE-${randomUUID().slice(0, 8).toUpperCase()}`,
    );
    for (const sku of skus) {
      const path = `/api/v1/products/${sku}`;
      const raw = noisyPicture();
      const headers = { 'content-type': 'image/png' };
      // A replica that is killed may leave a request without an answer.
      await eventually(`${sku} has a picture`, async () => {
        await ops.send('PUT', path, { json: aProduct({ imageUrl: '/images/mug.svg' }) });
        const { status, body } = await ops.send('PUT', `${path}/image${query}`, { raw, headers });
        if (status !== 202) throw new Error(JSON.stringify(body));
        return true;
      });
    }
    return skus;
  }

  /** Resolves when each product shows its picture, by one change of the product alone. */
  async function areShown(skus: readonly string[]): Promise<void> {
    for (const sku of skus) {
      const { sizes } = await eventually(
        `the picture of ${sku} is resized`,
        async () => {
          const path = `/api/v1/products/${sku}/image`;
          const { body } = await ops.get<Schemas['ProductImage']>(path);
          return body.state === 'ready' && body;
        },
        patience,
      );
      expect(sizes.map(({ width }) => width)).toEqual([96, 384, 1_200]);
      const { headers, body } = await ops.get<Schemas['Product']>(`/api/v1/products/${sku}`);
      expect([body.imageUrl, headers.get('etag')]).toEqual([
        sizes[1]?.url,
        expect.stringMatching(/^"2\./),
      ]);
      for (const { url, bytes } of sizes) {
        const picture = await system.anonymous().get(url);
        expect([picture.status, picture.bytes.length]).toEqual([200, bytes]);
      }
    }
  }

  it('each is resized in the end when its worker was killed in the middle, time and again', async () => {
    const before = await done();
    const skus = await upload(30);
    for (const kill of [1, 2, 3, 4]) {
      await eventually('some are resized', async () => (await done()) >= before + 3 * kill);
      const replica = 1 + (kill % 2);
      await eventually('it is back', async () => system.pid('inventory', replica) !== undefined);
      await system.kill('inventory', replica);
    }
    await areShown(skus);
    expect(await done()).toBe(before + skus.length);
  });

  it('each is shown once when all workers were killed before they could say so, and urgent ones come first', async () => {
    await system.allReady();
    const usual = (await Promise.all([1, 2, 3, 4].map(() => upload(10)))).flat();
    const urgent = await upload(2, '?urgent=true');
    await database.query('begin');
    let before: string[];
    try {
      await database.query('lock table images in share mode');
      before = await resized();
      const held = `from pg_locks where relation = 'images'::regclass and not granted`;
      await eventually('a worker has resized some', async () => (await count(held)) > 0);
      await Promise.all([system.kill('inventory', 1), system.kill('inventory', 2)]);
    } finally {
      await database.query('commit');
    }
    await areShown([...usual, ...urgent]);
    const afterwards = (await resized()).filter((sku) => !before.includes(sku));
    for (const sku of urgent) {
      expect(afterwards.indexOf(sku)).toBeLessThan(afterwards.length / 2);
    }
  });

  it('each is shown although one attempt in ten fails, and all workers have their share', async () => {
    const path = '/api/v1/faults/inventory.images';
    expect((await ops.send('PUT', path, { json: { share: 0.1 } })).status).toBe(200);
    await system.allReady();
    await areShown(await upload(30));
    const counts = (outcome: string) =>
      Promise.all([1, 2].map((replica) => finished(replica, outcome)));
    expect(Math.max(...(await counts('deferred')))).toBeGreaterThan(0);
    expect(Math.min(...(await counts('applied')))).toBeGreaterThan(0);
    await ops.send('DELETE', '/api/v1/faults');
  });

  it('leave every invariant intact', async () => {
    expect(await system.verify()).toEqual([]);
  });
});
