import { describe, expect, it } from '@jest/globals';
import { live, type Message } from '@waybill/message';
import { z } from 'zod';
import { defineSaga, type StepMaker } from './define-saga.ts';
import { mermaid } from './mermaid.ts';
import { begin, react } from './react.ts';
import { messagesOf, type Step } from './saga.ts';
import { logOf } from './saga-log.ts';
import { SagaRegistry } from './saga-registry.ts';
import type { SagaLogEntry } from './saga-state.ts';
import { type SagaView, sagaView } from './saga-view.ts';
import { sagaSpec } from './testing/saga-spec.ts';
import {
  bookTrip,
  CardCharged,
  CarFreed,
  CarHeld,
  ChargeCard,
  ChargeRefused,
  FreeCar,
  FreeSeat,
  HoldCar,
  SeatFreed,
  SeatHeld,
  trip,
} from './testing/trip.fixture.ts';

const data = z.strictObject({ tripId: z.string() });
type Data = z.output<typeof data>;

const sagaOf = (steps: (step: StepMaker<Data>) => readonly Step<Data>[], version = 1) =>
  defineSaga<Data>({ name: 'spec', version, data, key: ({ tripId }) => tripId, steps });

const send = ({ tripId }: Data): Message => FreeSeat({ tripId });
const undo = send;
const Moved = live('trip.moved', {
  key: ({ tripId }) => tripId,
  summary: 'for tests',
  schema: data,
});
const command = { send, succeedsOn: SeatHeld };
const capture = { send, succeedsOn: CardCharged };

describe('the definition of a saga', () => {
  it.each<[string, (step: StepMaker<Data>) => readonly Step<Data>[], RegExp]>([
    ['has no steps', () => [], /no steps/],
    [
      'has two steps of one name',
      (step) => [step('a', command), step('a', capture)],
      /two steps are named a/,
    ],
    [
      'has two pivots',
      (step) => [step('a', { ...command, pivot: true }), step('b', { ...capture, pivot: true })],
      /more than one pivot/,
    ],
    ['has an undo without its reply', (step) => [step('a', { ...command, undo })], /no undoneOn/],
    [
      'has the reply of no undo',
      (step) => [step('a', { ...command, undoneOn: SeatFreed })],
      /no undo/,
    ],
    [
      'has a pivot that not every saga needs',
      (step) => [step('a', { ...command, pivot: true, when: () => false })],
      /has no when/,
    ],
    [
      'undoes the pivot',
      (step) => [step('a', { ...command, pivot: true, undo, undoneOn: SeatFreed })],
      /nothing is undone from the pivot on/,
    ],
    [
      'undoes what comes after the pivot',
      (step) => [
        step('a', { ...command, pivot: true }),
        step('b', { ...capture, retriable: true, undo, undoneOn: SeatFreed }),
      ],
      /b has an undo/,
    ],
    [
      'gives up after the pivot',
      (step) => [step('a', { ...command, pivot: true }), step('b', capture)],
      /must be retriable/,
    ],
    [
      'repeats for ever before the pivot',
      (step) => [step('a', { ...command, retriable: true })],
      /before the pivot/,
    ],
    [
      'waits for one reply at two places',
      (step) => [step('a', command), step('b', command)],
      /answers more than one question/,
    ],
    ['waits for a live update', (step) => [step('a', { send, succeedsOn: Moved })], /a live/],
    [
      'records although nothing is recorded in',
      (step) => [step('a', { ...command, record: () => [] })],
      /a records, but the saga has no record/,
    ],
    [
      'records the undo of a step without one',
      (step) => [step('a', { ...command, recordUndone: () => [] })],
      /a recordUndone but no undo/,
    ],
    [
      'has a step of a version to come',
      (step) => [step('a', command), step('b', { ...capture, since: 2 })],
      /b has since: 2, but the version of the saga is 1: raise it/,
    ],
    [
      'names a step in capitals',
      (step) => [step('Reserve', command)],
      /not a valid name of a step/,
    ],
    [
      'has a net that is no time',
      (step) => [step('a', { ...command, within: '0s' })],
      /not a duration/,
    ],
  ])('is refused when it %s', (_, steps, problem) => {
    expect(() => sagaOf(steps)).toThrow(problem);
  });

  it('is refused without a version', () => {
    expect(() => sagaOf((step) => [step('a', command)], 0)).toThrow(/version/);
  });

  it('knows the types of its replies', () => {
    sagaOf((step) => [
      step('a', {
        ...command,
        // @ts-expect-error the reply of this step has no such field
        remember: (reply) => ({ tripId: reply.seat }),
      }),
    ]);
    sagaOf((step) => [
      step('a', {
        ...command,
        // @ts-expect-error the data of this saga have no such field
        remember: ({ tripId: seat }) => ({ seat }),
      }),
    ]);
    sagaOf((step) => [
      step('a', {
        // @ts-expect-error the data of this saga have no such field
        send: ({ total }) => ChargeCard({ tripId: total }),
        succeedsOn: CardCharged,
      }),
    ]);
  });

  it('sends commands only', () => {
    const saga = sagaOf((step) => [
      step('a', {
        send: ({ tripId }) => SeatHeld({ tripId }),
        succeedsOn: CardCharged,
      }),
    ]);
    expect(() => begin(saga, { tripId: 'a' }, { now: new Date() })).toThrow(/use a command/);
  });

  it('names every message that moves it', () => {
    expect(messagesOf(bookTrip).map(({ type }) => type)).toEqual([
      'flight.seat-held',
      'flight.no-seat',
      'flight.seat-freed',
      'hotel.room-held',
      'hotel.no-room',
      'hotel.room-freed',
      'cars.car-held',
      'cars.no-car',
      'cars.car-freed',
      'bank.card-charged',
      'bank.charge-refused',
      'flight.tickets-sent',
      'trip.step-failed',
    ]);
  });
});

describe('the registry', () => {
  const [v1, v2] = [1, 2].map((version) => sagaOf((step) => [step('a', command)], version));
  if (!v1 || !v2) throw new Error('two versions');
  const registry = new SagaRegistry([v2, v1]);

  it('lets rows finish on the definition that they began with', () => {
    expect(registry.of({ saga: 'spec', definitionVersion: 1 })).toBe(v1);
    expect(registry.latest('spec')).toBe(v2);
  });

  it('makes a row of another release wait', () => {
    const unknown = expect.objectContaining({ code: 'unknown_saga', countsAsAttempt: false });
    expect(() => registry.of({ saga: 'spec', definitionVersion: 3 })).toThrow(unknown as never);
  });

  it('tells at start which steps in flight this release lacks', () => {
    const row = { saga: 'spec', definitionVersion: 1, step: 'a' };
    expect(registry.missing([row])).toEqual([]);
    expect(
      registry.missing([row, { ...row, step: 'b' }, { ...row, definitionVersion: 9 }]),
    ).toEqual(['spec v1/b', 'spec v9/a']);
  });

  it('keeps the versions before a step was added', () => {
    const grown = sagaOf((step) => [step('a', command), step('b', { ...capture, since: 2 })], 2);
    const known = new SagaRegistry([grown]);
    const stepsOf = (definitionVersion: number) =>
      known.of({ saga: 'spec', definitionVersion }).steps.map(({ name }) => name);
    expect([stepsOf(1), stepsOf(2)]).toEqual([['a'], ['a', 'b']]);
    expect(known.latest('spec')).toBe(grown);
  });

  it('refuses two definitions of one version', () => {
    expect(() => new SagaRegistry([v1, v1])).toThrow(/two sagas have the name and version spec v1/);
  });
});

describe('a step that not every saga needs', () => {
  const saga = sagaOf((step) => [
    step('hold-seat', { ...command, undo, undoneOn: SeatFreed }),
    step('hold-car', {
      when: ({ tripId }) => tripId !== 'on-foot',
      send: ({ tripId }) => HoldCar({ tripId }),
      succeedsOn: CarHeld,
      undo: ({ tripId }) => FreeCar({ tripId }),
      undoneOn: CarFreed,
    }),
    step('charge-card', { ...capture, failsOn: ChargeRefused, reason: () => 'broke', pivot: true }),
  ]);
  const reply = (tripId: string) => (contract: { readonly type: string }) =>
    (contract.type === SeatHeld.type ? SeatHeld : CarHeld)({ tripId }) as Message;
  const onFoot = sagaSpec(saga, { tripId: 'on-foot' }, reply('on-foot'));
  const byCar = sagaSpec(saga, { tripId: 'by-car' }, reply('by-car'));

  it('is done and undone where it is needed', () => {
    byCar
      .at('hold-car')
      .when()
      .thenSends(HoldCar({ tripId: 'by-car' }));
    const refused = ChargeRefused({ tripId: 'by-car' });
    byCar
      .at('charge-card')
      .when(refused)
      .thenSends(FreeCar({ tripId: 'by-car' }));
  });

  it('is left out where it is not, also of the undos and of what an operator sees', () => {
    const charge = onFoot.given(SeatHeld({ tripId: 'on-foot' }));
    const { state } = charge.when().thenWaitsAt('charge-card').decision;
    expect(sagaView(saga, state, []).steps).toMatchObject([
      { name: 'hold-seat', status: 'done' },
      { name: 'charge-card', status: 'waiting' },
    ]);
    charge
      .given(ChargeRefused({ tripId: 'on-foot' }))
      .when(SeatFreed({ tripId: 'on-foot' }))
      .thenNothing()
      .thenAborts('broke');
  });

  it('is marked in the picture', () => {
    expect(mermaid(saga)).toContain('hold_car[hold-car<br/>if needed]');
  });
});

describe('the picture of a saga', () => {
  const picture = mermaid(bookTrip);

  it('goes down the steps and back up the undos', () => {
    for (const line of [
      'start([book-trip v1]) --> hold_seat',
      'hold_seat -->|flight.seat-held| hold_room',
      'hold_seat -.->|flight.no-seat| aborted',
      'hold_room -.->|hotel.no-room| undo_hold_seat',
      'hold_room -.->|no reply in time| undo_hold_room',
      'charge_card[charge-card<br/>pivot]',
      'charge_card -.->|bank.charge-refused| undo_hold_car',
      'undo_hold_room[/undo hold-room/] -->|hotel.room-freed| undo_hold_seat',
      'undo_hold_seat[/undo hold-seat/] -->|flight.seat-freed| aborted',
      'send_tickets -->|flight.tickets-sent| completed',
    ])
      expect(picture).toContain(line);
  });

  it('gives up nothing from the pivot on', () => {
    expect(picture).not.toContain('charge_card -.->|no reply in time|');
    expect(picture).not.toContain('send_tickets -.->');
  });
});

describe('what an operator sees', () => {
  const now = new Date('2026-01-01T12:00:00Z');
  const seen = (replies: readonly Message[], log?: readonly SagaLogEntry[]) => {
    const began = begin(bookTrip, trip.data, { now });
    let [state, lines] = [began.state, [...began.did]];
    for (const { contract, data: reply } of replies) {
      const next = react(bookTrip, state, { type: contract.type, data: reply }, { now });
      [state, lines] = [next.state, [...lines, ...next.did]];
    }
    return sagaView(bookTrip, state, log ?? logOf(lines));
  };
  const statuses = ({ steps }: SagaView) => steps.map(({ status }) => status);

  it('is how far each step has come, and what may be done', () => {
    const view = seen([trip.seatHeld]);
    expect(statuses(view)).toEqual(['done', 'waiting', 'to-do', 'to-do', 'to-do', 'to-do']);
    expect(view).toMatchObject({ key: trip.data.tripId, allowed: ['retry', 'compensate'] });
  });

  it('is what is undone', () => {
    const view = seen([trip.seatHeld, trip.roomHeld, trip.noCar]);
    expect(statuses(view)).toEqual(['done', 'undoing', 'failed', 'skipped', 'skipped', 'skipped']);
    expect(view.allowed).toEqual(['retry']);
  });

  it('is no compensate once the charge was sent, and nothing at the end', () => {
    const sent = seen([trip.seatHeld, trip.roomHeld, trip.carHeld]);
    expect(sent.allowed).toEqual(['retry']);
    const aborted = seen([trip.noSeat]);
    expect(aborted.allowed).toEqual([]);
    expect(statuses(aborted)).toEqual(['failed', ...Array(5).fill('skipped')]);
  });

  it('is what the row alone tells when the log is no longer kept', () => {
    const latest = [{ at: now.toISOString(), step: 'hold-room', what: 'resent' } as const];
    expect(statuses(seen([trip.seatHeld], latest))[0]).toBe('done');
    expect(statuses(seen([trip.seatHeld], [])).slice(0, 3)).toEqual(['done', 'waiting', 'to-do']);
    const undoing = [trip.seatHeld, trip.roomHeld, trip.noCar];
    expect(statuses(seen(undoing, [])).slice(0, 2)).toEqual(['done', 'undoing']);
    const done = [trip.seatHeld, trip.roomHeld, trip.carHeld, trip.charged, trip.ticketsSent];
    expect(new Set(statuses(seen(done, [])))).toEqual(new Set(['done']));
    expect(statuses(seen([trip.noSeat], []))[0]).toBe('undone');
  });
});
