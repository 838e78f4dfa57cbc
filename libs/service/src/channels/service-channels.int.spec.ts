import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Messaging } from '@waybill/messaging';
import { eventually, type TestDatabase, testDatabase } from '@waybill/persistence/testing';
import type { RunningService } from '../running-service.ts';
import { startCounter } from '../testing/start-counter.ts';
import { ServiceChannels } from './service-channels.ts';

const channel = 'counter.events';
let database: TestDatabase;
let service: RunningService;

const start = async (): Promise<void> => {
  service = await startCounter(database.url);
};
beforeAll(async () => {
  database = await testDatabase();
  await start();
}, 60_000);
afterAll(async () => {
  await service?.close();
  await database?.close();
});

/** Adds to a counter, which publishes an event that the same service receives. */
const add = (id: string) =>
  service.app.inject({
    method: 'POST',
    url: '/counters',
    headers: { authorization: 'Bearer ada' },
    payload: { id, n: 1 },
  });
const received = async (id: string): Promise<boolean> => {
  const { rows } = await database.pool.query('select from counters where id = $1', [`heard-${id}`]);
  return rows.length > 0;
};
const browse = () => service.operations.control.browse(channel, 10);
const untilWaiting = (count: number) => eventually(async () => (await browse()).length === count);
const placesOf = async (id: string) =>
  (await service.operations.messages.places(id)).map(({ place, state }) => [place, state]);

it('a paused channel keeps what is published, over a restart, until it is resumed', async () => {
  const { control } = service.operations;
  expect(await control.pause(channel, 'ops')).toEqual(['counter']);
  expect((await add('kept')).statusCode).toBe(202);
  await untilWaiting(1);
  const [report] = await service.operations.channels();
  expect(report).toMatchObject({ channel, depth: 1, inFlight: 0, paused: true, pausedBy: 'ops' });
  expect(report?.partitions.reduce((sum, { depth }) => sum + (depth ?? 0), 0)).toBe(1);

  await service.close();
  await start();
  await untilWaiting(1);
  expect((await add('later')).statusCode).toBe(202);
  await untilWaiting(2);
  expect(await received('kept')).toBe(false);
  expect(await control.resume('nobody.events', 'ops')).toEqual([]);

  expect(await service.operations.control.resume(channel, 'ops')).toEqual(['counter']);
  await eventually(async () => (await received('kept')) && (await received('later')));
  expect(await service.operations.channels()).toMatchObject([{ paused: false, pausedBy: null }]);
});

it('a channel is paused as long as an operator or the service itself wants it to be', async () => {
  const { control } = service.operations;
  const own = service.app.get(ServiceChannels);
  const reports = async () => {
    const [report] = await service.operations.channels();
    return [report?.paused, report?.pausedBy];
  };
  await control.pause(channel, 'ops');
  await own.hold(channel, 'rebuild');
  expect(await reports()).toEqual([true, 'ops']);
  await own.release(channel);
  expect(await reports()).toEqual([true, 'ops']);
  await own.hold(channel, 'rebuild');
  await control.resume(channel, 'ops');
  expect(await reports()).toEqual([true, 'rebuild']);
  await add('held');
  await untilWaiting(1);
  await control.pause(channel, 'ops');
  await own.release(channel);
  expect(await reports()).toEqual([true, 'ops']);
  expect(await received('held')).toBe(false);
  await control.resume(channel, 'ops');
  await eventually(() => received('held'));
});

it('a channel that is paused while its service still reads what was paused before stays paused', async () => {
  const { control } = service.operations;
  let endReading: (found: ReadonlySet<string>) => void = () => undefined;
  // As at the start of a service, whose database is slow.
  const starting = service.app.get(Messaging).pause(
    () =>
      new Promise((resolve) => {
        endReading = resolve;
      }),
  );
  const pausing = control.pause(channel, 'ops');
  const report = async () => (await service.operations.channels())[0];
  await eventually(async () => (await report())?.paused === true);
  endReading(new Set());
  await Promise.all([starting, pausing]);
  expect(await report()).toMatchObject({ paused: true, consumers: 0 });
  await control.resume(channel, 'ops');
  expect(await report()).toMatchObject({ paused: false, consumers: 1 });
});

it('finds a message in the outbox and at the broker, and later where it was processed', async () => {
  await service.operations.control.pause(channel, 'ops');
  await add('found');
  await untilWaiting(1);
  const [waiting] = await browse();
  const id = waiting?.headers?.id ?? '';
  expect(waiting).toMatchObject({ group: 'counter', inFlight: false, data: { id: 'found', n: 1 } });
  // The embedded broker confirms only what was committed, so it is in the outbox too.
  expect(await placesOf(id)).toEqual([
    ['outbox', 'pending'],
    ['broker', 'pending'],
  ]);
  await service.operations.control.resume(channel, 'ops');
  await eventually(async () => {
    const places = await placesOf(id);
    return places.length === 1 && places[0]?.[0] === 'inbox';
  });
  const [place] = await service.operations.messages.places(id);
  expect(place).toMatchObject({
    group: 'counter',
    state: 'completed',
    type: 'counter.added',
    channel,
    partition: waiting?.partition,
    attempt: 0,
  });
});

it('removes what waits, and its sender forgets it', async () => {
  const { control } = service.operations;
  await control.pause(channel, 'ops');
  await add('gone');
  await untilWaiting(1);
  const [waiting] = await browse();
  expect(await control.purge(channel, 'ops')).toEqual([
    { service: 'counter', group: 'counter', purged: 1 },
  ]);
  await control.resume(channel, 'ops');
  await add('next');
  await eventually(() => received('next'));
  await eventually(async () => (await placesOf(waiting?.headers?.id ?? '')).length === 0);
  expect(await received('gone')).toBe(false);
});

it('says why its broker cannot move a group', async () => {
  const { control } = service.operations;
  await expect(control.seek('counter', 'earliest', 'ops')).rejects.toMatchObject({
    code: 'not_supported',
    message: expect.stringMatching(/^embedded cannot move group counter: /),
  });
});
