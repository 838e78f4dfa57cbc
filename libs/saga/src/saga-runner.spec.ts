import { beforeEach, describe, expect, it } from '@jest/globals';
import { local, type Message } from '@waybill/message';
import { on, type StateTable, type Stream } from '@waybill/messaging';
import { ConsumerBench } from '@waybill/messaging/testing';
import { z } from 'zod';
import { defineSaga } from './define-saga.ts';
import { begin } from './react.ts';
import { SagaDue } from './saga-due.ts';
import { SagaRegistry } from './saga-registry.ts';
import { SagaRunner } from './saga-runner.ts';
import type { SagaState } from './saga-state.ts';
import { sagas } from './storage/saga.entity.ts';
import {
  type BookTrip,
  bookTrip,
  CardCharged,
  ChargeCard,
  FreeSeat,
  HoldRoom,
  HoldSeat,
  SeatHeld,
  StepFailed,
  type Trip,
  trip,
  trips,
} from './testing/trip.fixture.ts';

const { tripId } = trip.data;
const Request = local('trip.request', {
  key: (data) => data.tripId,
  summary: 'for tests',
  schema: z.strictObject({ tripId: z.string() }),
});

/** Begins a saga, and the trip that it records to. */
const request = (saga = bookTrip, withTrip = true) =>
  on(Request, trips, {
    state: ({ tripId: id }) => id,
    decide: (_, { tripId: id }, { now }) => {
      const { state, send } = begin(saga, { tripId: id, room: null }, { now });
      const begun = withTrip ? [trips.append(id, { type: 'requested', data: {} })] : [];
      return { changes: [sagas.put(state as SagaState), ...begun], send };
    },
  });

class TripBench extends ConsumerBench {
  constructor(definitions = [bookTrip], requested = request()) {
    const runner = new SagaRunner(new SagaRegistry(definitions), { replyTimeout: 60_000 });
    super([requested, ...runner.handlers()], { service: 'trip' });
  }

  async receives(...messages: readonly Message[]): Promise<this> {
    for (const message of messages) {
      if (message.contract.kind === 'local') void this.consumer.submit(message);
      else this.deliver(message, { group: 'trip' });
      await this.quiet();
    }
    return this;
  }

  row<S extends object>(table: StateTable<S>, id: string): S | undefined {
    return this.store.states.get(`${table.table}/${id}`)?.value as S | undefined;
  }

  saga(name = 'book-trip'): SagaState | undefined {
    return this.row(sagas, `${name}:${tripId}`);
  }

  trip(): Trip | undefined {
    return this.row(trips, tripId);
  }

  history(): string[] {
    return this.store.events.map(({ event }) => event.type);
  }

  /** The types published since the last call. */
  published(): string[] {
    return this.sent.splice(0).map(({ type }) => type);
  }
}

const requested = Request({ tripId });
const toCharge = [requested, trip.seatHeld, trip.roomHeld, trip.carHeld] as const;
let bench: TripBench;
beforeEach(async () => {
  bench = await new TripBench().start();
});

describe('a saga of a service', () => {
  it('subscribes to every message that its definition names, and to its timers', () => {
    const handlers = new SagaRunner(new SagaRegistry([bookTrip])).handlers();
    const types = handlers.map(({ contract }) => contract.type);
    expect(types).toHaveLength(14);
    expect(types).toEqual(
      expect.arrayContaining(['flight.seat-held', 'trip.step-failed', 'saga.due']),
    );
  });

  it('sends its next command in the commit of a reply', async () => {
    await bench.receives(requested);
    bench.published();
    const { commits } = bench.store;
    await bench.receives(trip.seatHeld);
    expect(bench.store.commits).toBe(commits + 1);
    expect(bench.published()).toEqual([HoldRoom.type]);
    expect(bench.saga()).toMatchObject({ step: 'hold-room' });
  });

  it('records what its steps did, and publishes it after its commands', async () => {
    await bench.receives(...toCharge);
    expect(bench.trip()).toMatchObject({ status: 'room-held', room: 7 });
    bench.sent.length = 0;
    await bench.receives(trip.charged);
    expect(bench.sent.map(({ type, data }) => [type, data])).toEqual([
      ['flight.send-tickets', { tripId }],
      ['trip.changed', { tripId, status: 'confirmed', news: ['paid', 'confirmed'] }],
    ]);
    await bench.receives(trip.ticketsSent);
    expect(bench.saga()?.status).toBe('completed');
    expect(bench.history()).toEqual(['requested', 'room-held', 'paid', 'confirmed']);
  });

  it('records what it undid, and why it aborted', async () => {
    await bench.receives(...toCharge.slice(0, -1), trip.noCar, trip.roomFreed, trip.seatFreed);
    expect(bench.saga()).toMatchObject({ status: 'aborted', reason: 'no_car' });
    expect(bench.history()).toEqual(['requested', 'room-held', 'room-freed', 'failed']);
  });

  it('changes nothing on replies that come again or too late', async () => {
    await bench.receives(...toCharge);
    const [saga, history] = [bench.saga(), bench.history()];
    bench.published();
    await bench.receives(trip.seatHeld, trip.roomHeld, trip.seatFreed, trip.ticketsSent);
    expect([bench.saga(), bench.history()]).toEqual([saga, history]);
    expect(bench.published()).toEqual([]);
  });

  it('counts a dead command as one that may have happened', async () => {
    await bench.receives(requested);
    bench.published();
    const failed = { command: HoldSeat.type, deadLetterId: 'flight.1', error: 'broken' };
    await bench.receives(StepFailed({ tripId, ...failed }));
    expect(bench.published()).toEqual([FreeSeat.type]);
  });

  it('is told of its timers, and waits as long as its service says', async () => {
    await bench.receives(requested);
    const due = (found: 'confirmed' | 'timed-out') => {
      const { id, step, dueAt } = bench.saga() as SagaState;
      return SagaDue({ sagaId: id, key: tripId, step, dueAt: dueAt ?? '', found });
    };
    await bench.receives(due('confirmed'));
    const { dueAt, updatedAt } = bench.saga() as SagaState;
    expect(Date.parse(dueAt ?? '') - Date.parse(updatedAt)).toBe(60_000);
    await bench.receives(due('timed-out'));
    expect(bench.saga()).toMatchObject({ status: 'compensating', reason: 'timed_out' });
  });

  it('does nothing for a key that it does not know, or whose state is not there', async () => {
    const away = await new TripBench([bookTrip], request(bookTrip, false)).start();
    for (const each of [bench, away]) {
      if (each === away) await each.receives(requested);
      const before = each.saga();
      each.published();
      await each.receives(trip.seatHeld);
      expect(each.saga()).toBe(before);
      expect([each.published(), each.store.dead]).toEqual([[], []]);
    }
  });
});

describe('the handling of an operator or a customer', () => {
  const runner = new SagaRunner(new SagaRegistry([bookTrip]));
  const now = new Date('2026-01-01T12:00:00.000Z');
  const row = begin(bookTrip, trip.data, { now }).state as SagaState;
  const state = { id: tripId, status: 'requested', room: null };

  it('records a cancel', () => {
    const { changes, send } = runner.advance(row, state, { cancel: 'too slow' }, now);
    expect(changes).toMatchObject([
      { kind: 'put' },
      { kind: 'append', events: [{ type: 'called-off', data: { why: 'too slow' } }] },
    ]);
    expect(send?.map(({ contract }) => contract.type)).toEqual([FreeSeat.type, 'trip.changed']);
  });

  it('says why it refuses', () => {
    const settled = { ...row, status: 'aborted', phase: 'settled' } as const;
    expect(runner.advance(settled, state, { retry: true }, now)).toMatchObject({
      refused: { code: 'saga_settled' },
    });
  });
});

describe('several sagas of a service', () => {
  const small = (name: string, version = 1, charge = false) =>
    defineSaga<BookTrip>({
      name,
      version,
      data: bookTrip.data,
      key: (data) => data.tripId,
      steps: (step) => [
        step('hold-seat', {
          send: (data) => HoldSeat({ tripId: data.tripId }),
          succeedsOn: SeatHeld,
        }),
        ...(charge
          ? [
              step('charge-card', {
                send: (data) => ChargeCard({ tripId: data.tripId }),
                succeedsOn: CardCharged,
              }),
            ]
          : []),
      ],
    });

  it('share a message: the saga that waits for it takes it', async () => {
    const [hold, again] = [small('hold'), small('hold-again')];
    const both = await new TripBench([hold, again], request(again, false)).start();
    await both.receives(requested, trip.seatHeld);
    expect(both.saga('hold-again')?.status).toBe('completed');
    expect(both.saga('hold')).toBeUndefined();
  });

  it('go on by the version that they began with', async () => {
    const [old, young] = [small('hold', 1, true), small('hold', 2)];
    const both = await new TripBench([young, old], request(old, false)).start();
    await both.receives(requested, trip.seatHeld);
    expect(both.saga('hold')).toMatchObject({ step: 'charge-card', definitionVersion: 1 });
    await both.receives(trip.charged);
    expect(both.saga('hold')?.status).toBe('completed');
  });

  it('are refused where they record in different streams', () => {
    const others = { ...trips } as Stream<Trip, never>;
    const record = { stream: others, fold: (s: Trip) => s };
    const other = defineSaga<BookTrip, Trip, never>({
      ...small('other'),
      record,
      steps: () => small('x').steps,
    });
    expect(() => new SagaRunner(new SagaRegistry([bookTrip, other]))).toThrow(/in one stream/);
  });
});
