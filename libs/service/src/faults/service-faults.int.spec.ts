import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { HandClock } from '@waybill/messaging/testing';
import { eventually, type TestDatabase, testDatabase } from '@waybill/persistence/testing';
import { FaultPoints } from './fault-points.ts';
import { InjectedFaults1795980000007 } from './injected-faults.ts';
import { ServiceFaults } from './service-faults.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase({ migrations: [InjectedFaults1795980000007] });
});
afterAll(() => database.close());
beforeEach(() => database.pool.query('delete from injected_fault'));

const half = { share: 0.5, latencyMs: 20 };

/** One process of the service `payment`, on the database that all of them share. */
function replica({ exclusive = false, allowed = true } = {}) {
  const points = allowed ? new FaultPoints() : null;
  const clock = new HandClock();
  const told: object[] = [];
  let queries = 0;
  const faults = new ServiceFaults({
    service: 'payment',
    points,
    groups: () => ['payment'],
    pool: () => {
      queries += 1;
      return database.pool;
    },
    clock,
    log: { warn: (fields: object) => void told.push(fields) },
    exclusive,
  });
  points?.point('payment-provider', 'calls of payment-provider');
  return { points, clock, told, faults, queries: () => queries };
}

it('lists every point, and what is set', async () => {
  const { faults } = replica();
  const before = await faults.list();
  expect(before.map(({ name, share, setBy }) => [name, share, setBy])).toEqual([
    ['payment-provider', 0, null],
    ['payment', 0, null],
  ]);
  const set = await faults.set('payment', half, 'ops');
  expect(set).toEqual({
    name: 'payment',
    service: 'payment',
    about: 'the handlers of consumer group payment',
    effect: 'failure',
    ...half,
    setBy: 'ops',
    setAt: expect.stringMatching(/^\d{4}-.*Z$/),
  });
  expect(await faults.list()).toContainEqual(set);
});

it('applies a fault here at once, and in another replica within a second', async () => {
  const [here, there] = [replica(), replica()];
  there.faults.onApplicationBootstrap();
  await here.faults.set('payment', half, 'ops');
  expect(here.points?.find('payment')?.fault).toEqual(half);
  expect(there.points?.isOn('payment')).toBe(false);
  there.clock.advance(1_000);
  await eventually(() => there.points?.isOn('payment') === true);
  expect(there.points?.find('payment')?.fault).toEqual(half);
  await here.faults.clear('ops');
  await eventually(() => {
    there.clock.advance(1_000);
    return there.points?.isOn('payment') === false;
  });
  there.faults.beforeApplicationShutdown();
});

it('applies after a restart what was set before, also in the only process of its database', async () => {
  await replica().faults.set('payment-provider', half, 'ops');
  const { points, clock, faults } = replica({ exclusive: true });
  faults.onApplicationBootstrap();
  clock.advance(1_000);
  await eventually(() => points?.isOn('payment-provider') === true);
});

it('is off with a share and a latency of 0, and after a clear', async () => {
  const { points, faults } = replica();
  await faults.set('payment', half, 'ops');
  const off = await faults.set('payment', { share: 0, latencyMs: 0 }, 'ops');
  expect(off).toMatchObject({ share: 0, latencyMs: 0, setBy: null, setAt: null });
  await faults.set('payment', half, 'ops');
  await faults.set('payment-provider', half, 'ops');
  await faults.clear('ops');
  expect(points?.all().filter(({ isOn }) => isOn)).toEqual([]);
});

it('ends an outage when its latency is over, by the clock of the database, and reports it as off', async () => {
  const [here, later] = [replica(), replica()];
  for (const { points } of [here, later])
    points?.point('payment-rabbitmq-outage', '', { effect: 'outage' });
  const name = 'payment-rabbitmq-outage';
  const outage = { share: 0, latencyMs: 60_000 };
  expect(await here.faults.set(name, outage, 'ops')).toMatchObject({ ...outage, setBy: 'ops' });
  expect(here.points?.isOn(name)).toBe(true);
  await database.pool.query(`update injected_fault set set_at = set_at - interval '59.9 s'`);
  await later.faults.list();
  await eventually(() => later.points?.isOn(name) === false);
  const listed = (await later.faults.list()).find((each) => each.name === name);
  expect(listed).toMatchObject({ latencyMs: 0, setBy: null });
});

it('tells the log who has set and cleared it', async () => {
  const { told, faults } = replica();
  await faults.clear('ada');
  await faults.set('payment', half, 'ops');
  await faults.clear('grace');
  expect(told).toEqual([{ fault: 'payment', ...half, by: 'ops' }, { by: 'grace' }]);
});

it('knows no other names, and lists those that it knows', async () => {
  await expect(replica().faults.set('order', half, 'ops')).rejects.toMatchObject({
    status: 404,
    code: 'unknown_fault',
    detail: expect.stringContaining('payment, payment-provider'),
  });
});

it('refuses everything where faults are not allowed, and looks for none', async () => {
  const { clock, faults, queries } = replica({ allowed: false });
  faults.onApplicationBootstrap();
  clock.advance(10_000);
  for (const refused of [faults.list(), faults.set('payment', half, 'ops'), faults.clear('ops')])
    await expect(refused).rejects.toMatchObject({ status: 403, code: 'faults_not_allowed' });
  expect(queries()).toBe(0);
});
