import { expect, it } from '@jest/globals';
import { announcement, decode, type Message } from '@waybill/message';
import { z } from 'zod';
import { on } from './handler.ts';
import { stateTable } from './state.ts';
import { ConsumerBench } from './testing/consumer-bench.ts';

const options = {
  schema: z.strictObject({ id: z.string() }),
  key: ({ id }: { id: string }) => id,
  headers: true,
  summary: 'for tests',
};
const Opened = announcement('shop.opened', options);
const Noted = announcement('shop.noted', options);
const shops = stateTable<{ id: string }>({ table: 'shops', id: 'id' });
const headers = { store: 'north', 'order-value': 'high' };

it('the headers of a message reach its handler, also when it was deferred, and its dead letter; those of what it sends reach the outbox', async () => {
  const seen: unknown[] = [];
  let isBroken = true;
  const handler = on(Opened, shops, {
    state: ({ id }) => id,
    decide: (_, { id }, { message }) => {
      seen.push(message.attributes);
      if (isBroken || id === 'broken') throw new Error('not yet');
      return { send: [Noted({ id }, { headers: { 'seen-by': 'shop' } }) as Message] };
    },
  });
  const bench = await new ConsumerBench([handler]).start();
  bench.deliver(Opened({ id: 'a' }, { headers }));
  await bench.quiet();
  expect([...bench.store.deferred.values()].map(({ body }) => decode(body).attributes)).toEqual([
    headers,
  ]);
  isBroken = false;
  await bench.pass(100);
  expect(seen).toEqual([headers, headers]);
  expect(bench.sent.map(({ attributes }) => attributes)).toEqual([{ 'seen-by': 'shop' }]);

  bench.deliver(Opened({ id: 'broken' }, { headers }));
  await bench.quiet();
  await bench.passEach(100, 1_000, 11_000, 61_000);
  expect(bench.store.dead.map(({ body }) => decode(body).attributes)).toEqual([headers]);
});
