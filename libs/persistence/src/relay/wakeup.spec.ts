import { expect, it } from '@jest/globals';
import { systemClock } from '@waybill/messaging';
import type { Pool, PoolClient } from 'pg';
import { Wakeup } from './wakeup.ts';

it('a connection that comes after the end is given back at once, or the pool could never end', async () => {
  let give = (_: PoolClient): void => undefined;
  const pool = {
    connect: () =>
      new Promise<PoolClient>((resolve) => {
        give = resolve;
      }),
  } as unknown as Pool;
  let released = 0;
  const client = {
    on: () => client,
    once: () => client,
    removeListener: () => client,
    query: async () => undefined,
    release: () => {
      released += 1;
    },
  };
  const wakeup = new Wakeup(
    pool,
    systemClock,
    'us',
    () => undefined,
    () => undefined,
  );
  const listening = wakeup.listen();
  await wakeup.close();
  give(client as unknown as PoolClient);
  await listening;
  expect(released).toBe(1);
});
