import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@waybill/message';
import { type Batch, emptyBatch, type InboxRow, refName } from '@waybill/messaging';
import { PgStore } from '@waybill/persistence';
import { type TestDatabase, testDatabase } from '@waybill/persistence/testing';
import { begin, react } from '../react.ts';
import { notesOf } from '../saga-log.ts';
import type { SagaState } from '../saga-state.ts';
import { bookTrip, trip } from '../testing/trip.fixture.ts';
import { sagas } from './saga.entity.ts';
import { SagaRepository } from './saga.repository.ts';
import { sagaMigrations } from './saga-migrations.ts';

let database: TestDatabase;
let store: PgStore;
let repository: SagaRepository;

beforeAll(async () => {
  database = await testDatabase({
    migrations: [...sagaMigrations],
    tables: [sagas],
  });
  store = new PgStore(database.pool, database.tables);
  repository = new SagaRepository(database.dataSource);
}, 60_000);
afterAll(() => database.close());

async function save(state: SagaState, loaded = 0): Promise<void> {
  const table = sagas as unknown as Batch['states'][number]['table'];
  const write = { table, id: state.id, value: state, loaded, version: loaded + 1 };
  await store.commit({ ...emptyBatch, states: [write] });
}

const handledRow = (key: string, at: Date, notes?: readonly unknown[]): InboxRow => ({
  group: 'trip',
  messageId: newId(),
  key,
  type: 'a reply',
  source: 'flight',
  correlationId: key,
  causationId: null,
  channel: 'flight.replies',
  broker: 'embedded',
  attempt: 0,
  outcome: 'applied',
  at: at.toISOString(),
  durationMs: 1,
  first: true,
  notes,
});

const sagaAt = (now: Date): SagaState => {
  const data = { ...trip.data, tripId: newId() };
  return begin(bookTrip, data, { now }).state as SagaState;
};

/** Settled by the reply that no seat is left. */
const settledAt = (now: Date): SagaState => {
  const reply = { type: trip.noSeat.contract.type, data: trip.noSeat.data };
  return react(bookTrip, sagaAt(now) as never, reply, { now }).state as SagaState;
};

describe('the table of sagas', () => {
  it('gives back every field as the batch has written it', async () => {
    const state = sagaAt(new Date());
    await save(state);
    const reference = { table: sagas, id: state.id } as never;
    const loaded = await store.load([reference]);
    expect(loaded.get(refName(reference))?.value).toEqual(state);
    expect(await repository.find(state.id)).toEqual(state);
  });

  it('keeps a settled saga without a due time', async () => {
    const state = sagaAt(new Date());
    const reply = { type: trip.noSeat.contract.type, data: trip.noSeat.data };
    const settled = react(bookTrip, state as never, reply, { now: new Date() }).state;
    await save(settled as SagaState);
    expect(await repository.find(state.id)).toEqual(settled);
  });

  it.each<[string, Partial<SagaState>]>([
    ['settled and due', { dueAt: '2026-01-01T00:00:00.000Z' }],
    ['aborted and waiting', { phase: 'waiting' }],
    ['aborted without a reason', { reason: null }],
    [
      'running with a reason',
      { status: 'running', phase: 'waiting', dueAt: '2026-01-01T00:00:00.000Z' },
    ],
    ['in a state that nobody knows', { status: 'lost' as never }],
  ])('refuses a saga that is %s', async (_, parts) => {
    const broken = { ...settledAt(new Date()), id: `book-trip:${newId()}`, ...parts };
    await expect(save(broken)).rejects.toThrow(/check/);
  });

  it('takes changes of a saga without the columns that hardly ever change', async () => {
    const state = sagaAt(new Date());
    await save(state);
    const table = sagas as unknown as Batch['states'][number]['table'];
    const value = { ...state, cancelRequested: 'too slow', attempts: 7 };
    const write = { table, id: state.id, value, before: state, loaded: 1, version: 2 };
    await store.commit({ ...emptyBatch, states: [write] });
    expect(await repository.find(state.id)).toEqual(value);
  });
});

describe('the repository of sagas', () => {
  it('finds what is due by the clock of the database, the longest first', async () => {
    const [later, sooner, future] = [600_000, 900_000, -3_600_000].map((ago) =>
      sagaAt(new Date(Date.now() - ago)),
    ) as [SagaState, SagaState, SagaState];
    for (const state of [later, sooner, future]) await save(state);
    const ids = async () => (await repository.due(1_000)).map(({ id }) => id);
    expect((await ids()).filter((id) => [later.id, sooner.id, future.id].includes(id))).toEqual([
      sooner.id,
      later.id,
    ]);
    expect((await repository.due(1)).length).toBe(1);
    await database.shiftClock(2 * 3_600_000);
    expect(await ids()).toContain(future.id);
    await database.shiftClock(0);
  });

  it('sees a command that its broker has not confirmed', async () => {
    const key = newId();
    expect(await repository.isUnconfirmed(key, 'flight.commands')).toBe(false);
    await database.pool.query(
      `insert into outbox (id, broker, lane, channel, key, body) values ($1, 'b', 0, 'flight.commands', $2, '{}')`,
      [newId(), key],
    );
    expect(await repository.isUnconfirmed(key, 'flight.commands')).toBe(true);
    expect(await repository.isUnconfirmed(key, 'hotel.commands')).toBe(false);
    expect(await repository.isUnconfirmed(newId(), 'flight.commands')).toBe(false);
  });

  it('tells the log of a saga from the notes of its messages, after what an earlier release wrote', async () => {
    const now = new Date();
    const { state, did } = begin(bookTrip, { ...trip.data, tripId: newId() }, { now });
    await save(state as SagaState);
    const reply = { type: trip.seatHeld.contract.type, data: trip.seatHeld.data };
    const next = react(bookTrip, state, reply, { now });
    for (const decision of [{ state, did }, next]) {
      await store.commit({
        ...emptyBatch,
        inbox: [handledRow(state.key, now, notesOf(decision)), handledRow(newId(), now)],
      });
    }
    const log = async () => (await repository.logs([state as SagaState])).get(state.id);
    expect(await log()).toEqual([...did, ...next.did]);
    const earlier = { at: new Date(0).toISOString(), step: null, what: 'sent' };
    await database.pool.query('update sagas set log = $2 where id = $1', [
      state.id,
      JSON.stringify([earlier]),
    ]);
    expect(await log()).toEqual([earlier, ...did, ...next.did]);
  });

  it('lists the newest first, page by page, filtered', async () => {
    const states = [3, 2, 1].map((days) => sagaAt(new Date(Date.now() + days * 86_400_000)));
    for (const state of states) await save({ ...state, stuck: state === states[1] });
    const first = await repository.list({ limit: 2 });
    expect(first.map(({ id }) => id)).toEqual(states.slice(0, 2).map(({ id }) => id));
    const last = first.at(-1);
    const [next] = await repository.list({ limit: 1, after: last as SagaState });
    expect(next?.id).toBe(states[2]?.id);
    const stuck = await repository.list({ limit: 9, stuck: true, status: 'running' });
    expect(stuck.map(({ id }) => id)).toEqual([states[1]?.id]);
    const going = await repository.list({ limit: 2, stuck: false });
    expect(going.map(({ id }) => id)).toEqual([states[0]?.id, states[2]?.id]);
  });

  it('keeps to the state that is asked for', async () => {
    const settled = settledAt(new Date(Date.now() + 10 * 86_400_000));
    await save(settled);
    const newestOf = async (status: SagaState['status']) =>
      (await repository.list({ limit: 100, status })).map((saga) => [saga.id, saga.status]);
    expect((await newestOf('aborted'))[0]).toEqual([settled.id, 'aborted']);
    expect(new Set((await newestOf('running')).map(([, status]) => status))).toEqual(
      new Set(['running']),
    );
    expect(await newestOf('completed')).toEqual([]);
  });

  it('goes on behind a place among those that began at one moment', async () => {
    const now = new Date(Date.now() + 20 * 86_400_000);
    const states = [sagaAt(now), sagaAt(now), sagaAt(now)];
    for (const state of states) await save(state);
    const first = await repository.list({ limit: 2 });
    const rest = await repository.list({ limit: 1, after: first.at(-1) as SagaState });
    expect([...first, ...rest].map(({ id }) => id)).toEqual(
      states
        .map(({ id }) => id)
        .sort()
        .reverse(),
    );
  });

  it('finds sagas that have not moved for a while', async () => {
    const old = sagaAt(new Date(Date.now() - 7_200_000));
    const moved = {
      ...sagaAt(new Date(Date.now() - 7_200_000)),
      updatedAt: new Date().toISOString(),
    };
    for (const state of [old, moved, settledAt(new Date(Date.now() - 7_200_000))])
      await save(state);
    const ids = (await repository.list({ limit: 100, stuckFor: 3_600_000 })).map(({ id }) => id);
    expect(ids).toEqual([old.id]);
    expect(await repository.list({ limit: 100, stuckFor: 86_400_000 })).toEqual([]);
  });

  it('says what unsettled sagas name', async () => {
    await save(sagaAt(new Date()));
    await save({ ...settledAt(new Date()), definitionVersion: 9 });
    expect(await repository.inFlight()).toEqual([
      { saga: 'book-trip', definitionVersion: 1, step: 'hold-seat' },
    ]);
  });
});
