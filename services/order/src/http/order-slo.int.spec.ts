import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '@waybill/contracts';
import { HandClock, until } from '@waybill/messaging/testing';
import { Health } from '@waybill/observability';
import { type TestDatabase, testDatabase } from '@waybill/testing';
import { SloMinutes1797000000001 } from '../storage/migrations/1797000000001-slo-minutes.ts';
import { SloMinuteEntity } from '../storage/slo-minute.entity.ts';
import { SloMinuteRepository } from '../storage/slo-minute.repository.ts';
import { OrderSlo } from './order-slo.ts';

let database: TestDatabase;
beforeAll(async () => {
  const stored = { entities: [SloMinuteEntity], migrations: [SloMinutes1797000000001] };
  database = await testDatabase(stored);
}, 60_000);
afterAll(() => database.close());

interface Update {
  readonly key: string;
  readonly data: { readonly status: string; readonly at: string };
}

/** One process of the order service. */
function replica() {
  const clock = new HandClock();
  const health = new Health('order');
  const listeners: ((update: Update) => void)[] = [];
  const live = {
    observe: (_: object, listener: (update: Update) => void) => {
      listeners.push(listener);
      return () => undefined;
    },
  };
  const minutes = new SloMinuteRepository(database.dataSource.getRepository(SloMinuteEntity));
  const slo = new OrderSlo(live as never, health, minutes, clock);
  slo.onModuleInit();
  slo.onApplicationBootstrap();
  return {
    /** Orders that were confirmed so many milliseconds after they were placed. */
    see: (count: number, ms: number) => {
      const now = Date.now();
      for (let i = 0; i < count; i += 1) {
        const data = { status: 'confirmed', at: new Date(now).toISOString() };
        for (const listener of listeners) listener({ key: newId(new Date(now - ms)), data });
      }
    },
    keep: () => clock.advance(10_000),
    fast: async () => {
      const { checks } = await health.report();
      return checks.find(({ name }) => name === 'slo-orders-fast');
    },
    stop: () => slo.onModuleDestroy(),
  };
}

const stored = async () => {
  const { rows } = await database.pool.query(
    `select coalesce(sum(total), 0)::integer as total, coalesce(sum(bad), 0)::integer as bad from slo_minutes where goal = 'orders'`,
  );
  return rows[0] as { readonly total: number; readonly bad: number };
};

it('an alert outlives the process that has seen the slow orders', async () => {
  const first = replica();
  first.see(15, 100);
  first.see(15, 3_000);
  first.keep();
  await until(async () => (await stored()).total === 30);
  first.stop();

  const next = replica();
  next.see(10, 100);
  next.keep();
  await until(async () => (await stored()).total === 40);
  expect(await stored()).toEqual({ total: 40, bad: 15 });
  expect(await next.fast()).toMatchObject({ status: 'degraded', value: 37.5 });
  next.stop();
});
