import { describe, expect, it } from '@jest/globals';
import { begin, react } from './react.ts';
import { sagaSpec } from './testing/saga-spec.ts';
import {
  bookTrip,
  ChargeCard,
  FreeCar,
  FreeRoom,
  FreeSeat,
  HoldCar,
  HoldRoom,
  HoldSeat,
  SendTickets,
  StepFailed,
  trip,
} from './testing/trip.fixture.ts';

const { data } = trip;
const { tripId } = data;
const book = sagaSpec(bookTrip, data);
const toCar = book.given(trip.seatHeld, trip.roomHeld);
const toCharge = toCar.given(trip.carHeld);
const freeSeat = FreeSeat({ tripId });
const freeRoom = FreeRoom({ tripId });
const freeCar = FreeCar({ tripId });
const charge = ChargeCard({ tripId });

describe('a saga that goes well', () => {
  it('begins with the first command', () => {
    book.when().thenSends(HoldSeat({ tripId }));
  });

  it('sends the next command when a step succeeds', () => {
    book.when(trip.seatHeld).thenSends(HoldRoom({ tripId })).thenWaitsAt('hold-room');
  });

  it('remembers what a reply taught it', () => {
    const { decision } = book.given(trip.seatHeld).when(trip.roomHeld);
    expect(decision.state.data.room).toBe(7);
  });

  it('does the steps of its own service in the reaction that reaches them', () => {
    const { decision } = toCharge.when(trip.charged).thenSends(SendTickets({ tripId }));
    expect(decision.did.map(({ step, what }) => `${step} ${what}`)).toEqual([
      'charge-card succeeded',
      'confirm-trip did',
      'send-tickets sent',
    ]);
  });

  it('completes on the reply of its last step', () => {
    const { decision } = toCharge
      .given(trip.charged)
      .when(trip.ticketsSent)
      .thenNothing()
      .thenCompletes();
    expect(decision.state).toMatchObject({ status: 'completed', phase: 'settled', dueAt: null });
  });
});

describe('a saga that fails', () => {
  it('does not undo the step that answered no', () => {
    book.when(trip.noSeat).thenNothing().thenAborts('fully_booked');
    book.given(trip.seatHeld).when(trip.noRoom).thenSends(freeSeat);
  });

  it('undoes in reverse, one by one, each after the reply of the one before', () => {
    const refused = toCharge.given(trip.chargeRefused);
    toCharge.when(trip.chargeRefused).thenSends(freeCar);
    refused.when(trip.carFreed).thenSends(freeRoom);
    refused.given(trip.carFreed).when(trip.roomFreed).thenSends(freeSeat);
    refused
      .given(trip.carFreed, trip.roomFreed)
      .when(trip.seatFreed)
      .thenNothing()
      .thenAborts('not_paid');
  });

  it('undoes the step that timed out, because it may have happened', () => {
    book.given(trip.seatHeld).when({ timedOut: 'hold-room' }).thenSends(freeRoom);
    book
      .given(trip.seatHeld, { timedOut: 'hold-room' }, trip.roomFreed)
      .when(trip.seatFreed)
      .thenAborts('timed_out');
  });

  it('undoes the step whose command is a dead letter', () => {
    const dead = { stepFailed: { command: HoldCar.type, error: 'boom' } };
    toCar.when(dead).thenSends(freeCar);
    toCar
      .when(StepFailed({ tripId, command: HoldCar.type, deadLetterId: 'x', error: 'boom' }))
      .thenSends(freeCar);
  });

  it('ignores the dead letter of a command that it does not wait for', () => {
    toCar.when({ stepFailed: { command: HoldSeat.type, error: 'late' } }).thenNothing();
  });

  it('keeps of an error only what a database can hold', () => {
    const error = `${'x'.repeat(299)}😀`;
    const { decision } = toCar.when({ stepFailed: { command: HoldCar.type, error } });
    expect(decision.did[0]?.detail?.isWellFormed()).toBe(true);
  });

  it('repeats an undo without limit, and shows that it is stuck', () => {
    const undoing = book.given(trip.seatHeld, trip.noRoom);
    undoing.when({ timedOut: 'hold-seat' }).thenSends(freeSeat).thenIsStuck();
    undoing
      .given({ timedOut: 'hold-seat' }, { timedOut: 'hold-seat' })
      .when(trip.seatFreed)
      .thenAborts('no_room');
  });

  it('lets an undo that died wait for a person, and goes on when its reply comes', () => {
    const dead = { stepFailed: { command: FreeSeat.type, error: 'boom' } };
    const undoing = book.given(trip.seatHeld, trip.noRoom);
    undoing.when(dead).thenNothing().thenIsStuck();
    undoing.given(dead).when(trip.seatFreed).thenAborts('no_room');
  });
});

describe('the pivot', () => {
  it('is repeated without limit and never undone when its outcome is unknown', () => {
    toCharge.when({ timedOut: 'charge-card' }).thenSends(charge).thenIsStuck();
    toCharge
      .when({ stepFailed: { command: ChargeCard.type, error: 'boom' } })
      .thenNothing()
      .thenIsStuck();
  });

  it('goes on when the answer comes after all', () => {
    const late = toCharge.given({ timedOut: 'charge-card' });
    const { decision } = late.when(trip.charged).thenSends(SendTickets({ tripId }));
    expect(decision.state.stuck).toBe(false);
    late.when(trip.chargeRefused).thenSends(freeCar);
  });

  it('is followed by steps that are repeated without limit', () => {
    toCharge
      .given(trip.charged)
      .when({ timedOut: 'send-tickets' })
      .thenSends(SendTickets({ tripId }))
      .thenIsStuck();
  });
});

describe('a cancel', () => {
  it('aborts before the charge is sent, and undoes the step under way too', () => {
    toCar.when({ cancel: 'changed my mind' }).thenSends(freeCar);
    book.given({ cancel: 'too slow' }).when(trip.seatFreed).thenAborts('cancelled');
  });

  it('is remembered once the charge was sent', () => {
    const { decision } = toCharge.when({ cancel: 'changed my mind' }).thenNothing();
    expect(decision.state).toMatchObject({ status: 'running', cancelRequested: 'changed my mind' });
    const completed = toCharge
      .given({ cancel: 'changed my mind' }, trip.charged)
      .when(trip.ticketsSent)
      .thenCompletes();
    expect(completed.decision.state.cancelRequested).toBe('changed my mind');
  });

  it('changes nothing when the saga undoes already', () => {
    const undoing = book.given(trip.seatHeld, trip.noRoom);
    const { state } = undoing.when().decision;
    expect(react(bookTrip, state, { cancel: 'now' }, { now: new Date() }).state).toBe(state);
  });
});

describe('an operator', () => {
  it('has the command under way sent again', () => {
    toCharge.when({ retry: true }).thenSends(charge);
    book.given(trip.seatHeld, trip.noRoom).when({ retry: true }).thenSends(freeSeat);
  });

  it('can have a saga undone until the charge was sent', () => {
    toCar.when({ compensate: 'timed_out' }).thenSends(freeCar);
  });

  it('is refused from the moment the charge was sent', () => {
    toCharge.when({ compensate: 'x' }).thenNothing().thenRefuses('past_point_of_no_return');
    toCharge.given(trip.charged).when({ compensate: 'x' }).thenRefuses('past_point_of_no_return');
  });

  it('finds a saga whose charge was refused undone already', () => {
    const { decision } = toCharge.given(trip.chargeRefused).when({ compensate: 'x' });
    expect(decision).toMatchObject({ send: [], state: { reason: 'not_paid' } });
    expect(decision.refused).toBeUndefined();
  });

  it('is refused when the saga has settled', () => {
    book.given(trip.noSeat).when({ retry: true }).thenRefuses('saga_settled');
    book.given(trip.noSeat).when({ compensate: 'x' }).thenRefuses('saga_settled');
  });
});

describe('late and repeated messages', () => {
  it.each([
    ['a reply of an earlier step', trip.seatHeld],
    ['a no of an earlier step', trip.noSeat],
    ['a reply of a later step', trip.charged],
    ['a reply to an undo that nobody asked for', trip.roomFreed],
    ['the time-out of an earlier step', { timedOut: 'hold-seat' }],
  ])('change nothing: %s', (_, input) => {
    const before = toCar.when().decision.state;
    expect(toCar.when(input).thenNothing().decision.state).toEqual(before);
  });

  it('change nothing: a success while the saga undoes', () => {
    const undoing = book.given({ timedOut: 'hold-seat' });
    undoing.when(trip.seatHeld).thenNothing().thenWaitsAt('hold-seat');
  });

  it('change nothing: any reply after the end', () => {
    const ended = book.given(trip.noSeat);
    ended.when(trip.seatHeld).thenNothing();
    ended.when({ cancel: 'late' }).thenNothing();
  });
});

describe('the net', () => {
  const now = new Date('2026-01-01T12:00:00.000Z');
  const started = begin(bookTrip, data, { now, net: 60_000 });
  const after = (ms: number) => new Date(now.getTime() + ms).toISOString();

  it('first looks whether the broker has the command', () => {
    expect(started.state).toMatchObject({ phase: 'sending', dueAt: after(20_000) });
  });

  it('looks again while the broker is away, so that an hour without it rejects nothing', () => {
    const later = new Date(now.getTime() + 3_600_000);
    const { state, send } = react(
      bookTrip,
      started.state,
      { unconfirmed: 'hold-seat', dueAt: after(20_000) },
      { now: later, net: 60_000 },
    );
    expect(send).toEqual([]);
    expect(state).toMatchObject({ status: 'running', phase: 'sending', dueAt: after(3_620_000) });
  });

  it('counts from the confirm', () => {
    const confirmed = { confirmed: 'hold-seat', dueAt: after(20_000) };
    const context = { now: new Date(after(20_000)), net: 60_000 };
    const { state } = react(bookTrip, started.state, confirmed, context);
    expect(state).toMatchObject({ phase: 'waiting', dueAt: after(80_000) });
  });

  it('ignores a timer that was set for an earlier wait', () => {
    const stale = { timedOut: 'hold-seat', dueAt: after(1) };
    expect(react(bookTrip, started.state, stale, { now }).state).toBe(started.state);
  });

  it('is 15 minutes unless the step or the service says otherwise', () => {
    const { state } = toCar.when().decision;
    expect(Date.parse(state.dueAt ?? '') - Date.parse(state.updatedAt)).toBe(100_000);
    const first = begin(bookTrip, data, { now }).state;
    expect(first.dueAt).toBe(after(300_000));
  });
});

it('waits, and blames nobody, when the row names a step that this freeSeat does not know', () => {
  const { state } = begin(bookTrip, data, { now: new Date() });
  const react_ = () =>
    react(bookTrip, { ...state, step: 'gift-wrap' }, { retry: true }, { now: new Date() });
  expect(react_).toThrow(expect.objectContaining({ code: 'unknown_saga', countsAsAttempt: false }));
});
