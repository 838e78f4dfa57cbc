import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Schemas } from '@waybill/client';
import { encode, newId, RestockProduct, wrap } from '@waybill/contracts';
import { Client as Database } from 'pg';
import { eventually } from '../../system/eventually.ts';
import { everyProcess } from '../../system/faults.config.ts';
import {
  type Foreign,
  type Foreigner,
  kafkaForeigner,
  rabbitmqForeigner,
  sqsForeigner,
} from '../../system/foreigners.ts';
import { useProcesses } from '../../system/process-system.ts';
import { stockOf, stockUp } from '../../system/products.ts';

const root = join(import.meta.dirname, '../../..');
const deadLetterTool = join(root, 'tools', 'dead-letters.mjs');

/** An envelope of this release, except for the forged parts. */
function envelope(parts: object = {}): string {
  const restock = { requestId: randomUUID(), sku: 'GOOD', quantity: 1, warehouse: 'MAIN' };
  const id = newId();
  const cause = { id, correlationId: id, traceparent: null };
  const context = { cause, source: 'inventory', now: new Date(), name: newId() };
  const wrapped = { ...wrap(RestockProduct(restock), context), causationId: null, ...parts };
  return encode(wrapped as Parameters<typeof encode>[0]);
}

/** A type that Kafka's group subscribes to, because the group skips others; other brokers' groups receive their whole queue. */
const forged = (parts: object): string =>
  envelope({ type: 'order.placed', routingKey: 'order.placed.v1', ...parts });
const huge = 'ten megabytes';
const manyHeaders = Object.fromEntries(
  Array.from({ length: 10 }, (_, n) => [`h${n}`, 'x'.repeat(5_000)]),
);
/** What is sent, and the code of the dead letter that it must become. */
const inputs: readonly (readonly [string, () => Foreign, string])[] = [
  ['bad JSON', () => ({ body: '{"half":' }), 'malformed_envelope'],
  ['nothing at all', () => ({ body: Buffer.alloc(0) }), 'malformed_envelope'],
  [
    'bytes that are no text',
    () => ({ body: Buffer.from([0xff, 0xfe, 0, 0xc3]) }),
    'malformed_envelope',
  ],
  ['a forged id', () => ({ body: forged({ id: 'x' }) }), 'malformed_envelope'],
  [
    'an envelope of wrong types',
    () => ({ body: forged({ version: {}, key: 7 }) }),
    'malformed_envelope',
  ],
  ['an unknown type', () => ({ body: forged({ type: 'no.such-thing' }) }), 'unknown_type'],
  [
    'a wrong content type',
    () => ({ body: '<order/>', contentType: 'image/png' }),
    'malformed_envelope',
  ],
  ['oversized headers', () => ({ body: '{}', headers: manyHeaders }), 'malformed_envelope'],
  [huge, () => ({ body: Buffer.alloc(10 * 1024 * 1024, 'x') }), 'malformed_envelope'],
];
/** Servers themselves refuse some empty, binary or large bodies. */
const refusedBy: Readonly<Record<string, readonly string[]>> = {
  kafka: [huge],
  'sns-sqs': ['nothing at all', 'bytes that are no text', huge],
};

describe('what a foreign client publishes straight into a broker', () => {
  const system = useProcesses({ env: { RATE_LIMIT: '1000000' } });
  const places = {
    rabbitmq: { service: 'inventory', group: 'inventory' },
    kafka: { service: 'analytics', group: 'analytics' },
    'sns-sqs': { service: 'notification', group: 'notification.email' },
  } as const;
  type Place = keyof typeof places;
  const foreigners = new Map<Place, Foreigner>();
  let pids: (number | undefined)[];
  const services = everyProcess.filter((name) => name !== 'gateway');

  beforeAll(async () => {
    const { namespace } = system();
    const queue = `${namespace.replaceAll('-', '_')}-notification-email`;
    foreigners.set('rabbitmq', await rabbitmqForeigner(`${namespace}.inventory`));
    foreigners.set('kafka', await kafkaForeigner(`${namespace}.order.events`));
    foreigners.set('sns-sqs', await sqsForeigner(queue));
    pids = services.map((name) => system().pid(name));
  });
  afterAll(async () => {
    for (const foreigner of foreigners.values()) await foreigner.close();
  });

  const deadLetters = async (group: string): Promise<Schemas['DeadLetterPage']['items']> => {
    const ops = await system().as('ops');
    const all = await ops.all('/api/v1/dead-letters', { query: { limit: 200 } });
    return all.filter((each) => each.group === group);
  };

  const originalOf = async (id = ''): Promise<Buffer> =>
    (await (await system().as('ops')).get(`/api/v1/dead-letters/${id}/original?reason=test`)).bytes;

  /** Places a few orders; resolves when a group has applied the message of each. */
  async function receivesOrders(place: Place): Promise<void> {
    const { service, group } = places[place];
    const ada = await system().as('ada');
    const placed = await Promise.all(Array.from({ length: 4 }, () => ada.placeOrder()));
    const database = new Database(system().databases[service]);
    await database.connect();
    try {
      const received = placed.map(({ body: { id } }) =>
        eventually(`${group} receives order ${id}`, async () => {
          const { rows } = await database.query(
            `select 1 from handled where group_name = $1 and key = $2 and outcome = 'applied'`,
            [group, id],
          );
          return rows.length > 0;
        }),
      );
      await Promise.all(received);
    } finally {
      await database.end();
    }
  }

  const cases = (Object.keys(places) as Place[]).flatMap((place) =>
    inputs.map(([what, make, code]) => [place, what, make, code] as const),
  );

  describe.each(Object.keys(places) as Place[])('%s', (place) => {
    const { group } = places[place];
    const foreigner = () => foreigners.get(place) as Foreigner;

    it('receives orders', () => receivesOrders(place));

    it.each(cases.filter(([at, what]) => at === place && !refusedBy[place]?.includes(what)))(
      '%s: %s becomes a dead letter with its reason, is never tried again, and holds up nothing',
      async (_, what, make, code) => {
        const before = (await deadLetters(group)).length;
        // One such message is enough, so it is sent to one queue only.
        const sent = await foreigner().send(make, what === huge ? [0] : undefined);
        await receivesOrders(place);
        const found = await eventually('each is a dead letter', async () => {
          const now = await deadLetters(group);
          return now.length === before + sent && now.slice(0, sent);
        });
        expect(found.map((each) => each.code)).toEqual(Array(sent).fill(code));
        for (const { error } of found) expect(error).not.toBe('');
        expect(found.map(({ attempts }) => attempts)).toEqual(Array(sent).fill(1));
        const [sentAgain, original] = [Buffer.from(make().body), await originalOf(found[0]?.id)];
        // Bodies with a new id differ each time.
        if (sentAgain.equals(Buffer.from(make().body)))
          expect(original.equals(sentAgain)).toBe(true);
      },
    );

    for (const what of refusedBy[place] ?? []) {
      it(`refuses ${what} of its own accord`, async () => {
        const make = inputs.find(([name]) => name === what)?.[1] as () => Foreign;
        await expect(foreigner().send(make)).rejects.toThrow();
      });
    }
  });

  it('of a newer version waits for a release that knows it, and is no dead letter', async () => {
    const before = (await deadLetters('inventory')).length;
    const key = `NEWER-${randomUUID().slice(0, 8)}`;
    const make = () => ({ body: envelope({ version: 99, key }) });
    const sent = await foreigners.get('rabbitmq')?.send(make);
    const database = new Database(system().databases.inventory);
    await database.connect();
    const reasons = await eventually('each is deferred', async () => {
      const { rows } = await database.query('select reason from parked where key = $1', [key]);
      return rows.length === sent && rows.map(({ reason }) => reason);
    });
    expect(reasons).toContain('newer');
    // The copies have one key.
    expect(['newer', 'behind']).toEqual(expect.arrayContaining(reasons));
    // Acts as the release that can handle it.
    await database.query('delete from parked where key = $1', [key]);
    await database.query(`delete from inbox where key = $1`, [key]);
    await database.end();
    expect((await deadLetters('inventory')).length).toBe(before);
  });

  it('can be redriven with corrected data, and discarded, at a terminal', async () => {
    const ops = await system().as('ops');
    await stockUp(ops, 'SEXTANT', 5);
    const data = { requestId: randomUUID(), sku: 'SEXTANT', quantity: -7, warehouse: 'MAIN' };
    await foreigners.get('rabbitmq')?.send(() => ({ body: envelope({ key: 'SEXTANT', data }) }));
    const wrong = await eventually('they are dead letters', async () => {
      const found = await deadLetters('inventory');
      const invalid = found.filter(({ code }) => code === 'invalid_message');
      return invalid.length > 0 && invalid;
    });
    const [first] = wrong;
    const right = JSON.stringify({ ...data, quantity: 7 });
    await tool('redrive', first?.id ?? '', '--data', right);
    await eventually('it is applied', async () => (await stockOf(ops, 'SEXTANT')).available === 12);
    const [other] = (await deadLetters('inventory')).filter(({ code }) => code === 'unknown_type');
    await tool('discard', other?.id ?? '');
    expect(await deadLetters('inventory')).not.toContainEqual(
      expect.objectContaining({ id: other?.id }),
    );
  });

  it('has taken no consumer down, and broke nothing', async () => {
    expect(services.map((name) => system().pid(name))).toEqual(pids);
    const order = await (await system().as('ada')).buy();
    expect(order.status).toBe('confirmed');
    expect(await system().verify()).toEqual([]);
  });

  const tool = async (...words: readonly string[]): Promise<void> => {
    const env = { ...process.env, WAYBILL_URL: system().url };
    await promisify(execFile)(process.execPath, [deadLetterTool, ...words], { env });
  };
});
