import { afterEach, expect, it } from '@jest/globals';
import type { Client, ProblemView } from '../system/client.ts';
import { EventReader } from '../system/event-reader.ts';
import { eventually } from '../system/eventually.ts';
import type { Target } from './target.ts';

interface Available {
  readonly sku: string;
  readonly available: number;
}

/** What can be bought now, as product pages and baskets show it. */
export function availabilityTests(target: () => Target): void {
  const readers: EventReader<Available>[] = [];
  afterEach(() => {
    for (const reader of readers.splice(0)) reader.close();
  });

  async function watch(client: Client, ...skus: readonly string[]) {
    const path = `/api/v1/availability/stream?sku=${skus.join('&sku=')}`;
    const reader = await EventReader.open<Available>(client, path);
    readers.push(reader);
    return reader;
  }

  const shows = (reader: EventReader<Available>, sku: string, available: number) =>
    eventually(`${available} of ${sku} stream`, async () =>
      reader.events.some(({ data }) => data.sku === sku && data.available === available),
    );

  it('tells everybody how much of several products can be bought', async () => {
    const [first, second] = [await target().product(3), await target().product(5)];
    const body = await target()
      .anonymous()
      .read('/api/v1/availability', { query: { sku: [second, first] } });
    expect(body.products).toEqual([
      { sku: second, available: 5 },
      { sku: first, available: 3 },
    ]);
  });

  it('tells who watches what can be bought, and then each change', async () => {
    const [bought, other] = [await target().product(4), await target().product(6)];
    const reader = await watch(target().anonymous(), bought, other);
    expect(reader.answer.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
    });
    await Promise.all([shows(reader, bought, 4), shows(reader, other, 6)]);
    await (await target().as('ada')).buy({ lines: [{ sku: bought, quantity: 3 }] });
    await shows(reader, bought, 1);
    expect(new Set(reader.events.map(({ id, event }) => `${event} ${id}`))).toEqual(
      new Set(['availability undefined']),
    );
    expect(reader.events.filter(({ data }) => data.sku === other)).toHaveLength(1);
  });

  const many = Array.from({ length: 51 }, (_, n) => `sku=MANY-${n}`).join('&');
  it.each(['', '?sku=', '?sku=no%20sku', '?sku=A&sku=a', '?sku=A&sku=A', `?${many}`])(
    'refuses the query %j and names its field, also of a stream',
    async (query) => {
      const nobody = target().anonymous();
      for (const path of ['/api/v1/availability', '/api/v1/availability/stream']) {
        const { status, body } = await nobody.get<ProblemView>(`${path}${query}`);
        expect([status, body.code]).toEqual([400, 'invalid_request']);
        expect(body.errors?.[0]?.path).toMatch(/^\/sku(\/\d)?$/);
      }
    },
  );

  it('refuses products that do not exist by their names, also in a stream', async () => {
    const nobody = target().anonymous();
    for (const path of ['/api/v1/availability', '/api/v1/availability/stream']) {
      const query = `?sku=${target().usualSku}&sku=NO-SUCH-SKU`;
      const { status, body } = await nobody.get<ProblemView>(`${path}${query}`);
      expect([status, body.code, body.detail]).toEqual([
        422,
        'unknown_sku',
        'there is no product NO-SUCH-SKU',
      ]);
    }
  });
}
