import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { defineSaga } from './define-saga.ts';
import { begin, react } from './react.ts';
import { SagaRegistry } from './saga-registry.ts';
import { SagaRunner } from './saga-runner.ts';
import { sagaSpec } from './testing/saga-spec.ts';
import {
  CardCharged,
  ChargeCard,
  ChargeRefused,
  FreeSeat,
  HoldSeat,
  NoSeat,
  SeatFreed,
  SeatHeld,
  type Trip,
  type TripEvent,
  trip,
  trips,
} from './testing/trip.fixture.ts';

const { tripId } = trip.data;
const now = new Date('2026-01-01T12:00:00.000Z');
const data = z.strictObject({ tripId: z.string() });
type Data = z.output<typeof data>;
const record = {
  stream: trips,
  fold: (state: Trip, events: readonly TripEvent[]) => ({
    ...state,
    status: events.at(-1)?.type ?? state.status,
  }),
};

/** Cancels a trip: begins with a step of its own service. */
const cancelTrip = defineSaga<Data, Trip, TripEvent>({
  name: 'cancel-trip',
  version: 1,
  data,
  key: (of) => of.tripId,
  record,
  steps: (step) => [
    step('call-off', ({ status }) => [{ type: 'called-off', data: { why: `was ${status}` } }]),
    step('free-seat', {
      pivot: true,
      send: (of) => FreeSeat(of),
      succeedsOn: SeatFreed,
    }),
  ],
});

const bookSeat = defineSaga<Data, Trip, TripEvent>({
  name: 'book-seat',
  version: 1,
  data,
  key: (of) => of.tripId,
  record: { ...record, cancelRequested: (_, why) => [{ type: 'requested', data: { why } }] },
  cancelWith: (of, _, context) => begin(cancelTrip, of, context),
  steps: (step) => [
    step('charge-card', {
      pivot: true,
      send: (of) => ChargeCard(of),
      succeedsOn: CardCharged,
      failsOn: ChargeRefused,
      reason: () => 'not_paid',
      record: () => [{ type: 'paid', data: {} }],
    }),
    step('hold-seat', {
      retriable: true,
      send: (of) => HoldSeat(of),
      succeedsOn: SeatHeld,
      failsOn: NoSeat,
    }),
  ],
});

const book = sagaSpec(bookSeat, { tripId });
const why = { cancel: 'too slow' };

it('a step after the pivot that is refused makes its saga stuck, and a later success lets it go on', () => {
  const refused = book.given(trip.charged).when(NoSeat({ tripId, reason: 'fully_booked' }));
  refused.thenNothing().thenIsStuck().thenWaitsAt('hold-seat');
  expect(refused.decision.did).toMatchObject([{ what: 'failed', detail: 'fully_booked' }]);
  book.given(trip.charged, trip.noSeat).when({ retry: true }).thenSends(HoldSeat({ tripId }));
  book.given(trip.charged, trip.noSeat).when(trip.seatHeld).thenCompletes();
});

describe('the saga that follows another', () => {
  const bookFirst = {
    ...bookSeat,
    followedBy: ({ status }: object & { status?: string }, at: object) =>
      status === 'paid' ? begin(cancelTrip, { tripId }, at as { now: Date }) : undefined,
  };
  const runner = new SagaRunner(new SagaRegistry([bookFirst, cancelTrip]));
  const waiting = book.given(trip.charged).when(trip.noSeat).decision.state;
  const seatHeld = { type: SeatHeld.type, data: { tripId } };
  const next = (status: string, input: Parameters<typeof runner.advance>[2] = seatHeld) =>
    runner.advance(waiting, { id: tripId, status, room: null }, input, now).send;

  it('begins in the commit that settles it, if the state waits for it', () => {
    expect(next('paid')).toEqual([FreeSeat({ tripId })]);
    expect(next('requested')).toEqual([]);
    expect(next('paid', why)).toEqual([]);
  });
});

it('a reply that is about an earlier run of the saga changes nothing', () => {
  const [charge, ...others] = bookSeat.steps;
  const answeredBy = (reply: unknown, { tripId: id }: Data) => (reply as Data).tripId === id;
  const again = sagaSpec(
    { ...bookSeat, steps: [{ ...charge, answeredBy } as never, ...others] },
    { tripId },
  );
  again.when(CardCharged({ ...trip.charged.data, tripId: 'another' })).thenNothing();
  again.when(trip.charged).thenSends(HoldSeat({ tripId }));
});

describe('the saga that cancels another', () => {
  it('begins in the commit that completes it, when a cancel was requested before', () => {
    const waiting = book.given(trip.charged, why);
    expect(waiting.when(why).decision.next).toBeUndefined();
    const { decision } = waiting.when(trip.seatHeld).thenCompletes();
    expect(decision.next).toMatchObject({
      state: { id: `cancel-trip:${tripId}`, status: 'running', step: 'free-seat' },
      send: [FreeSeat({ tripId })],
    });
  });

  it('begins with a cancel of a completed one, and once', () => {
    const completed = book.given(trip.charged, trip.seatHeld);
    const { decision } = completed.when(why).thenNothing();
    expect(decision.next?.send).toEqual([FreeSeat({ tripId })]);
    expect(decision.state).toMatchObject({ status: 'completed', cancelRequested: 'too slow' });
    const { state } = decision;
    expect(react(bookSeat, state, why, { now })).toMatchObject({ state, send: [] });
    expect(react(bookSeat, state, why, { now }).next).toBeUndefined();
  });

  it('does not begin without a cancel, nor when the first one aborts', () => {
    const { decision } = book.given(trip.charged).when(trip.seatHeld);
    expect(decision.next).toBeUndefined();
    const aborted = book.given(why).when(trip.chargeRefused).thenAborts('not_paid').decision;
    expect(aborted.next).toBeUndefined();
    expect(react(bookSeat, aborted.state, why, { now }).state).toBe(aborted.state);
  });

  it('is stored and recorded with what led to it, in one decision of the service', () => {
    const runner = new SagaRunner(new SagaRegistry([bookSeat, cancelTrip]));
    const { state } = book.given(trip.charged).when(trip.seatHeld).decision;
    const known = { id: tripId, status: 'paid', room: null };
    const { changes, send, notes } = runner.advance(state, known, why, now);
    expect(changes).toMatchObject([
      { kind: 'put', value: { id: `book-seat:${tripId}`, cancelRequested: 'too slow' } },
      { kind: 'put', value: { id: `cancel-trip:${tripId}` } },
      {
        kind: 'append',
        events: [
          { type: 'requested', data: { why: 'too slow' } },
          { type: 'called-off', data: { why: 'was requested' } },
        ],
      },
    ]);
    expect(send).toEqual([FreeSeat({ tripId })]);
    expect(notes).toEqual([
      ['book-seat', 'cancel-requested', null, 'too slow'],
      ['cancel-trip', 'did', 'call-off'],
      ['cancel-trip', 'sent', 'free-seat'],
    ]);
  });
});
