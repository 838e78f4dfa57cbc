import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';
import type { Schemas } from '@waybill/client';
import { channelOf, encode, newId, RestockProduct, wrap } from '@waybill/contracts';
import { Client as Database } from 'pg';
import type { Target } from '../portable/target.ts';
import type { ProblemView } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import { stockOf, stockUp } from '../system/products.ts';
import type { TestSystem } from '../system/test-system.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Dead letters, from a poison message to its redrive. */
export function deadLetterTests(system: () => TestSystem, target: () => Target): void {
  async function inDatabase(sql: string, values: readonly unknown[]): Promise<void> {
    const database = new Database(system().data.whereabouts().databases.inventory);
    await database.connect();
    try {
      await database.query(sql, [...values]);
    } finally {
      await database.end();
    }
  }

  /** Writes directly to an outbox, past all checks of the sender, as an older or broken release could. */
  const send = (key: string, messages: readonly { id: string; body: string }[]): Promise<void> =>
    inDatabase(
      `insert into outbox (id, broker, lane, channel, key, body)
       select id, 'embedded', 0, $3, $4, body from unnest($1::uuid[], $2::text[]) as t (id, body)`,
      [
        messages.map(({ id }) => id),
        messages.map(({ body }) => body),
        channelOf(RestockProduct),
        key,
      ],
    );

  /** A dead letter of a message that no service of this system sent. */
  const deadLetterJunk = (id: string): Promise<void> =>
    inDatabase(
      `insert into dead_letter (id, group_name, shard, channel, body, attempts, code, error, first_at, at)
       values ($1, 'inventory', 0, $2, 'junk', 0, 'malformed', 'is no message', now(), now())`,
      [id, channelOf(RestockProduct)],
    );

  /** A message to restock a product, with other data if given. */
  function restock(sku: string, data?: object): { id: string; body: string } {
    const good = { requestId: randomUUID(), sku, quantity: 1, warehouse: 'MAIN' };
    const id = newId();
    const cause = { id, correlationId: id, traceparent: null };
    const context = { cause, source: 'inventory', now: new Date(), name: 'unchecked' };
    const wrapped = { ...wrap(RestockProduct(good), context), causationId: null };
    return { id: wrapped.id, body: encode(data ? { ...wrapped, data } : wrapped) };
  }

  /** Runs the command as an operator does in a terminal. */
  const deadLetters = async (...words: readonly string[]): Promise<string> => {
    const env = { ...process.env, WAYBILL_URL: system().url };
    const command = join(root, 'tools', 'dead-letters.mjs');
    const options = { env, maxBuffer: 64 * 1024 * 1024 };
    return (await promisify(execFile)(process.execPath, [command, ...words], options)).stdout;
  };

  async function deadLetterOf(key: string): Promise<Schemas['DeadLetterPage']['items'][number]> {
    const ops = await target().as('ops');
    return eventually(`the dead letter of ${key} is listed`, async () => {
      const query = { type: 'inventory.restock-product' };
      const { items } = await ops.read('/api/v1/dead-letters', { query });
      return items.find((item) => item.key === key);
    });
  }

  it('shows a poison message as a dead letter, and redrives it once its data are corrected', async () => {
    const ops = await target().as('ops');
    await stockUp(ops, 'BAROMETER', 5);
    const poison = { requestId: randomUUID(), sku: 'BAROMETER', quantity: -7, warehouse: 'MAIN' };
    await send('BAROMETER', [restock('BAROMETER', poison)]);
    const { id } = await deadLetterOf('BAROMETER');
    const read = await ops.read('/api/v1/dead-letters/{id}', { path: { id } });
    expect(JSON.stringify(read)).toContain('-7');
    const wrong = await ops.post<ProblemView>(`/api/v1/dead-letters/${id}/redrive`, {
      data: { ...poison, quantity: -8 },
    });
    expect([wrong.status, wrong.body.code]).toEqual([422, 'invalid_message']);
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

  it('gives the bytes of a dead letter to an operator who says why, and keeps who it was', async () => {
    const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
    const secret = { name: 'Ada Lovelace', email: 'ada@example.com', sku: 'ASTROLABE' };
    const message = restock('ASTROLABE', secret);
    await send('ASTROLABE', [message]);
    const { id } = await deadLetterOf('ASTROLABE');
    const path = `/api/v1/dead-letters/${id}`;
    expect(JSON.stringify((await ops.get(path)).body)).not.toMatch(/Lovelace|ada@example/);
    expect((await ops.get<ProblemView>(`${path}/original`)).body.code).toBe('invalid_request');
    expect((await ada.get(`${path}/original?reason=x`)).status).toBe(403);
    const original = await ops.get(`${path}/original?reason=ticket%207`);
    expect([original.status, original.bytes.toString()]).toEqual([200, message.body]);
    expect(await deadLetters('original', id, '--reason', 'at a terminal')).toBe(message.body);
    expect((await ops.send('DELETE', path)).status).toBe(204);
    const requested = { path: { id }, query: { limit: 2 } };
    expect(await ops.all('/api/v1/dead-letters/{id}/audit', requested)).toMatchObject([
      { action: 'read', by: 'ops@example.com', reason: 'ticket 7' },
      { action: 'read', by: 'ops@example.com', reason: 'at a terminal' },
      { action: 'discarded', by: 'ops@example.com', reason: null },
    ]);
    expect(await deadLetters('audit', id)).toContain('read by ops@example.com: at a terminal');
  });

  it('discards a dead letter for good, and takes no other message of its key with it', async () => {
    const ops = await target().as('ops');
    await stockUp(ops, 'SUNDIAL', 5);
    await send('SUNDIAL', [restock('SUNDIAL', { nonsense: true })]);
    const { id } = await deadLetterOf('SUNDIAL');
    const order = await (await target().as('ada')).buy({
      lines: [{ sku: 'SUNDIAL', quantity: 1 }],
    });
    expect(order.status).toBe('confirmed');
    expect((await ops.send('DELETE', `/api/v1/dead-letters/${id}`)).status).toBe(204);
    expect((await ops.send('DELETE', `/api/v1/dead-letters/${id}`)).status).toBe(404);
    expect(await ops.all('/api/v1/dead-letters', {})).toEqual([]);
  });

  it('can only discard what is no message', async () => {
    const ops = await target().as('ops');
    const junk = newId();
    await deadLetterJunk(junk);
    const id = `inventory.${junk}`;
    const read = await ops.read('/api/v1/dead-letters/{id}', { path: { id } });
    expect(read).toMatchObject({ body: null, sizeBytes: 4, headers: null, redrivable: false });
    const redriven = await ops.post<ProblemView>(`/api/v1/dead-letters/${id}/redrive`, {});
    expect([redriven.status, redriven.body.code]).toEqual([409, 'not_redrivable']);
    expect((await ops.send('DELETE', `/api/v1/dead-letters/${id}`)).status).toBe(204);
  });

  it('redrives thousands with one command, without losing or doubling one', async () => {
    const ops = await target().as('ops');
    const count = 2_000;
    await send(
      'LATECOMER',
      Array.from({ length: count }, () => restock('LATECOMER')),
    );
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
}
