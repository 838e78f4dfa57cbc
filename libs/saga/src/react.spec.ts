import { describe, expect, it } from '@jest/globals';
import {
  AuthorizePayment,
  BookShipment,
  CancelShipment,
  CapturePayment,
  CommitStock,
  ReleaseStock,
  ReserveStock,
  StepFailed,
  VoidPayment,
} from '@waybill/contracts';
import { begin, react } from './react.ts';
import { example, placeOrderExample } from './testing/place-order.example.ts';
import { sagaSpec } from './testing/saga-spec.ts';

const { data } = example;
const { orderId } = data;
const place = sagaSpec(placeOrderExample, data);
const toShipment = place.given(example.reserved, example.authorized);
const toCapture = toShipment.given(example.booked);
const release = ReleaseStock({ orderId, lines: data.lines });
const voidPayment = VoidPayment({ orderId });
const cancelShipment = CancelShipment({ orderId });
const capture = CapturePayment({ orderId, amount: data.total });

describe('a saga that goes well', () => {
  it('begins with the first command', () => {
    place.when().thenSends(ReserveStock({ orderId, lines: data.lines }));
  });

  it('sends the next command when a step succeeds', () => {
    place
      .when(example.reserved)
      .thenSends(
        AuthorizePayment({ orderId, amount: data.total, method: 'card', token: 'tok_visa' }),
      )
      .thenWaitsAt('authorize-payment');
  });

  it('remembers what a reply taught it', () => {
    const { decision } = place.given(example.reserved).when(example.authorized);
    expect(decision.state.data.paymentId).toBe(example.authorized.data.paymentId);
  });

  it('does the steps of its own service in the reaction that reaches them', () => {
    const { decision } = toCapture
      .when(example.captured)
      .thenSends(CommitStock({ orderId, lines: data.lines }));
    expect(decision.did.map(({ step, what }) => `${step} ${what}`)).toEqual([
      'capture-payment succeeded',
      'confirm-order did',
      'commit-stock sent',
    ]);
  });

  it('completes on the reply of its last step', () => {
    const { decision } = toCapture
      .given(example.captured)
      .when(example.committed)
      .thenNothing()
      .thenCompletes();
    expect(decision.state).toMatchObject({ status: 'completed', phase: 'settled', dueAt: null });
  });
});

describe('a saga that fails', () => {
  it('does not undo the step that answered no', () => {
    place.when(example.outOfStock).thenNothing().thenAborts('out_of_stock');
    place.given(example.reserved).when(example.declined).thenSends(release);
  });

  it('undoes in reverse, one by one, each after the reply of the one before', () => {
    const refused = toCapture.given(example.captureRefused);
    toCapture.when(example.captureRefused).thenSends(cancelShipment);
    refused.when(example.shipmentCancelled).thenSends(voidPayment);
    refused.given(example.shipmentCancelled).when(example.voided).thenSends(release);
    refused
      .given(example.shipmentCancelled, example.voided)
      .when(example.released)
      .thenNothing()
      .thenAborts('payment_declined');
  });

  it('undoes the step that timed out, because it may have happened', () => {
    place.given(example.reserved).when({ timedOut: 'authorize-payment' }).thenSends(voidPayment);
    place
      .given(example.reserved, { timedOut: 'authorize-payment' }, example.voided)
      .when(example.released)
      .thenAborts('timed_out');
  });

  it('undoes the step whose command is a dead letter', () => {
    const dead = { stepFailed: { command: BookShipment.type, error: 'boom' } };
    toShipment.when(dead).thenSends(cancelShipment);
    toShipment
      .when(StepFailed({ orderId, command: BookShipment.type, deadLetterId: 'x', error: 'boom' }))
      .thenSends(cancelShipment);
  });

  it('ignores the dead letter of a command that it does not wait for', () => {
    toShipment.when({ stepFailed: { command: ReserveStock.type, error: 'late' } }).thenNothing();
  });

  it('keeps of an error only what a database can hold', () => {
    const error = `${'x'.repeat(299)}😀`;
    const { decision } = toShipment.when({ stepFailed: { command: BookShipment.type, error } });
    expect(decision.did[0]?.detail?.isWellFormed()).toBe(true);
  });

  it('repeats an undo without limit, and shows that it is stuck', () => {
    const undoing = place.given(example.reserved, example.declined);
    undoing.when({ timedOut: 'reserve-stock' }).thenSends(release).thenIsStuck();
    undoing
      .given({ timedOut: 'reserve-stock' }, { timedOut: 'reserve-stock' })
      .when(example.released)
      .thenAborts('payment_declined');
  });

  it('lets an undo that died wait for a person, and goes on when its reply comes', () => {
    const dead = { stepFailed: { command: ReleaseStock.type, error: 'boom' } };
    const undoing = place.given(example.reserved, example.declined);
    undoing.when(dead).thenNothing().thenIsStuck();
    undoing.given(dead).when(example.released).thenAborts('payment_declined');
  });
});

describe('the pivot', () => {
  it('is repeated without limit and never undone when its outcome is unknown', () => {
    toCapture.when({ timedOut: 'capture-payment' }).thenSends(capture).thenIsStuck();
    toCapture
      .when({ stepFailed: { command: CapturePayment.type, error: 'boom' } })
      .thenNothing()
      .thenIsStuck();
  });

  it('goes on when the answer comes after all', () => {
    const late = toCapture.given({ timedOut: 'capture-payment' });
    const { decision } = late
      .when(example.captured)
      .thenSends(CommitStock({ orderId, lines: data.lines }));
    expect(decision.state.stuck).toBe(false);
    late.when(example.captureRefused).thenSends(cancelShipment);
  });

  it('is followed by steps that are repeated without limit', () => {
    toCapture
      .given(example.captured)
      .when({ timedOut: 'commit-stock' })
      .thenSends(CommitStock({ orderId, lines: data.lines }))
      .thenIsStuck();
  });
});

describe('a cancel', () => {
  it('aborts before the capture is sent, and undoes the step under way too', () => {
    toShipment.when({ cancel: 'changed my mind' }).thenSends(cancelShipment);
    place.given({ cancel: 'too slow' }).when(example.released).thenAborts('cancelled');
  });

  it('is remembered once the capture was sent', () => {
    const { decision } = toCapture.when({ cancel: 'changed my mind' }).thenNothing();
    expect(decision.state).toMatchObject({ status: 'running', cancelRequested: 'changed my mind' });
    const completed = toCapture
      .given({ cancel: 'changed my mind' }, example.captured)
      .when(example.committed)
      .thenCompletes();
    expect(completed.decision.state.cancelRequested).toBe('changed my mind');
  });

  it('changes nothing when the saga undoes already', () => {
    const undoing = place.given(example.reserved, example.declined);
    const { state } = undoing.when().decision;
    expect(react(placeOrderExample, state, { cancel: 'now' }, { now: new Date() }).state).toBe(
      state,
    );
  });
});

describe('an operator', () => {
  it('has the command under way sent again', () => {
    toCapture.when({ retry: true }).thenSends(capture);
    place.given(example.reserved, example.declined).when({ retry: true }).thenSends(release);
  });

  it('can have a saga undone until the capture was sent', () => {
    toShipment.when({ compensate: 'timed_out' }).thenSends(cancelShipment);
  });

  it('is refused from the moment the capture was sent', () => {
    toCapture.when({ compensate: 'x' }).thenNothing().thenRefuses('past_point_of_no_return');
    toCapture
      .given(example.captured)
      .when({ compensate: 'x' })
      .thenRefuses('past_point_of_no_return');
  });

  it('finds a saga whose capture was refused undone already', () => {
    const { decision } = toCapture.given(example.captureRefused).when({ compensate: 'x' });
    expect(decision).toMatchObject({ send: [], state: { reason: 'payment_declined' } });
    expect(decision.refused).toBeUndefined();
  });

  it('is refused when the saga has settled', () => {
    place.given(example.outOfStock).when({ retry: true }).thenRefuses('saga_settled');
    place.given(example.outOfStock).when({ compensate: 'x' }).thenRefuses('saga_settled');
  });
});

describe('late and repeated messages', () => {
  it.each([
    ['a reply of an earlier step', example.reserved],
    ['a no of an earlier step', example.outOfStock],
    ['a reply of a later step', example.captured],
    ['a reply to an undo that nobody asked for', example.voided],
    ['the time-out of an earlier step', { timedOut: 'reserve-stock' }],
  ])('change nothing: %s', (_, input) => {
    const before = toShipment.when().decision.state;
    expect(toShipment.when(input).thenNothing().decision.state).toEqual(before);
  });

  it('change nothing: a success while the saga undoes', () => {
    const undoing = place.given({ timedOut: 'reserve-stock' });
    undoing.when(example.reserved).thenNothing().thenWaitsAt('reserve-stock');
  });

  it('change nothing: any reply after the end', () => {
    const ended = place.given(example.outOfStock);
    ended.when(example.reserved).thenNothing();
    ended.when({ cancel: 'late' }).thenNothing();
  });
});

describe('the net', () => {
  const now = new Date('2026-01-01T12:00:00.000Z');
  const started = begin(placeOrderExample, data, { now, net: 60_000 });
  const after = (ms: number) => new Date(now.getTime() + ms).toISOString();

  it('first looks whether the broker has the command', () => {
    expect(started.state).toMatchObject({ phase: 'sending', dueAt: after(20_000) });
  });

  it('looks again while the broker is away, so that an hour without it rejects nothing', () => {
    const later = new Date(now.getTime() + 3_600_000);
    const { state, send } = react(
      placeOrderExample,
      started.state,
      { unconfirmed: 'reserve-stock', dueAt: after(20_000) },
      { now: later, net: 60_000 },
    );
    expect(send).toEqual([]);
    expect(state).toMatchObject({ status: 'running', phase: 'sending', dueAt: after(3_620_000) });
  });

  it('counts from the confirm', () => {
    const confirmed = { confirmed: 'reserve-stock', dueAt: after(20_000) };
    const context = { now: new Date(after(20_000)), net: 60_000 };
    const { state } = react(placeOrderExample, started.state, confirmed, context);
    expect(state).toMatchObject({ phase: 'waiting', dueAt: after(80_000) });
  });

  it('ignores a timer that was set for an earlier wait', () => {
    const stale = { timedOut: 'reserve-stock', dueAt: after(1) };
    expect(react(placeOrderExample, started.state, stale, { now }).state).toBe(started.state);
  });

  it('is 15 minutes unless the step or the service says otherwise', () => {
    const { state } = toShipment.when().decision;
    expect(Date.parse(state.dueAt ?? '') - Date.parse(state.updatedAt)).toBe(100_000);
    const first = begin(placeOrderExample, data, { now }).state;
    expect(first.dueAt).toBe(after(300_000));
  });
});

it('waits, and blames nobody, when the row names a step that this release does not know', () => {
  const { state } = begin(placeOrderExample, data, { now: new Date() });
  const react_ = () =>
    react(placeOrderExample, { ...state, step: 'gift-wrap' }, { retry: true }, { now: new Date() });
  expect(react_).toThrow(expect.objectContaining({ code: 'unknown_saga', countsAsAttempt: false }));
});
