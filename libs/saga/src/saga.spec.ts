import { describe, expect, it } from '@jest/globals';
import {
  CapturePayment,
  type Message,
  OrderUpdated,
  PaymentAuthorized,
  PaymentCaptured,
  PaymentVoided,
  StockCommitted,
  StockRejected,
  VoidPayment,
} from '@waybill/contracts';
import { z } from 'zod';
import { mermaid } from './mermaid.ts';
import { begin, react } from './react.ts';
import { defineSaga, hears, type Step, type StepMaker } from './saga.ts';
import { logOf } from './saga-log.ts';
import { sagaRegistry } from './saga-registry.ts';
import type { SagaLogEntry } from './saga-state.ts';
import { type SagaView, sagaView } from './saga-view.ts';
import { example, placeOrderExample } from './testing/place-order.example.ts';

const data = z.strictObject({ orderId: z.string() });
type Data = z.output<typeof data>;

const sagaOf = (steps: (step: StepMaker<Data>) => readonly Step<Data>[], version = 1) =>
  defineSaga<Data>({ name: 'spec', version, data, key: ({ orderId }) => orderId, steps });

const send = ({ orderId }: Data): Message => VoidPayment({ orderId });
const undo = send;
const ask = { send, succeedsOn: PaymentAuthorized };
const capture = { send, succeedsOn: PaymentCaptured };

describe('the definition of a saga', () => {
  it.each<[string, (step: StepMaker<Data>) => readonly Step<Data>[], RegExp]>([
    ['has no steps', () => [], /no steps/],
    [
      'has two steps of one name',
      (step) => [step('a', ask), step('a', capture)],
      /two steps are named a/,
    ],
    [
      'has two pivots',
      (step) => [step('a', { ...ask, pivot: true }), step('b', { ...capture, pivot: true })],
      /more than one pivot/,
    ],
    ['has an undo without its reply', (step) => [step('a', { ...ask, undo })], /no undoneOn/],
    [
      'has the reply of no undo',
      (step) => [step('a', { ...ask, undoneOn: PaymentVoided })],
      /no undo/,
    ],
    [
      'undoes the pivot',
      (step) => [step('a', { ...ask, pivot: true, undo, undoneOn: PaymentVoided })],
      /nothing is undone from the pivot on/,
    ],
    [
      'undoes what comes after the pivot',
      (step) => [
        step('a', { ...ask, pivot: true }),
        step('b', { ...capture, retriable: true, undo, undoneOn: PaymentVoided }),
      ],
      /b has an undo/,
    ],
    [
      'may fail after the pivot',
      (step) => [
        step('a', { ...ask, pivot: true }),
        step('b', { ...capture, retriable: true, failsOn: StockRejected }),
      ],
      /must not fail/,
    ],
    [
      'gives up after the pivot',
      (step) => [step('a', { ...ask, pivot: true }), step('b', capture)],
      /must be retriable/,
    ],
    [
      'repeats for ever before the pivot',
      (step) => [step('a', { ...ask, retriable: true })],
      /before the pivot/,
    ],
    [
      'waits for one reply at two places',
      (step) => [step('a', ask), step('b', ask)],
      /answers more than one question/,
    ],
    [
      'waits for a live update',
      (step) => [step('a', { send, succeedsOn: OrderUpdated })],
      /a live/,
    ],
    ['names a step in capitals', (step) => [step('Reserve', ask)], /no name of a step/],
    ['has a net that is no time', (step) => [step('a', { ...ask, within: '0s' })], /no duration/],
  ])('is refused when it %s', (_, steps, problem) => {
    expect(() => sagaOf(steps)).toThrow(problem);
  });

  it('is refused without a version', () => {
    expect(() => sagaOf((step) => [step('a', ask)], 0)).toThrow(/version/);
  });

  it('knows the types of its replies', () => {
    sagaOf((step) => [
      step('a', {
        ...ask,
        // @ts-expect-error the reply of this step has no such field
        remember: (reply) => ({ orderId: reply.trackingNumber }),
      }),
    ]);
    sagaOf((step) => [
      step('a', {
        ...ask,
        // @ts-expect-error the data of this saga have no such field
        remember: ({ paymentId }) => ({ paymentId }),
      }),
    ]);
    sagaOf((step) => [
      step('a', {
        // @ts-expect-error the data of this saga have no such field
        send: ({ total }) => CapturePayment({ orderId: 'x', amount: total }),
        succeedsOn: PaymentCaptured,
      }),
    ]);
  });

  it('sends commands only', () => {
    const saga = sagaOf((step) => [
      step('a', {
        send: ({ orderId }) => StockCommitted({ orderId }),
        succeedsOn: PaymentCaptured,
      }),
    ]);
    const orderId = '019a9c40-0000-7000-8000-000000000001';
    expect(() => begin(saga, { orderId }, { now: new Date() })).toThrow(/use a command/);
  });

  it('names every reply that moves it', () => {
    expect(hears(placeOrderExample).map(({ type }) => type)).toEqual([
      'inventory.stock-reserved',
      'inventory.stock-rejected',
      'inventory.stock-released',
      'payment.payment-authorized',
      'payment.payment-declined',
      'payment.payment-voided',
      'shipping.shipment-booked',
      'shipping.shipment-rejected',
      'shipping.shipment-cancelled',
      'payment.payment-captured',
      'payment.capture-refused',
      'inventory.stock-committed',
    ]);
  });
});

describe('the registry', () => {
  const [v1, v2] = [1, 2].map((version) => sagaOf((step) => [step('a', ask)], version));
  if (!v1 || !v2) throw new Error('two versions');
  const registry = sagaRegistry([v2, v1]);

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

  it('refuses two definitions of one version', () => {
    expect(() => sagaRegistry([v1, v1])).toThrow(/two sagas are spec v1/);
  });
});

describe('the picture of a saga', () => {
  const picture = mermaid(placeOrderExample);

  it('goes down the steps and back up the undos', () => {
    for (const line of [
      'start([place-order v1]) --> reserve_stock',
      'reserve_stock -->|inventory.stock-reserved| authorize_payment',
      'reserve_stock -.->|inventory.stock-rejected| aborted',
      'authorize_payment -.->|payment.payment-declined| undo_reserve_stock',
      'authorize_payment -.->|no reply in time| undo_authorize_payment',
      'capture_payment[capture-payment<br/>pivot]',
      'capture_payment -.->|payment.capture-refused| undo_book_shipment',
      'undo_authorize_payment[/undo authorize-payment/] -->|payment.payment-voided| undo_reserve_stock',
      'undo_reserve_stock[/undo reserve-stock/] -->|inventory.stock-released| aborted',
      'commit_stock -->|inventory.stock-committed| completed',
    ])
      expect(picture).toContain(line);
  });

  it('gives up nothing from the pivot on', () => {
    expect(picture).not.toContain('capture_payment -.->|no reply in time|');
    expect(picture).not.toContain('commit_stock -.->');
  });
});

describe('what an operator sees', () => {
  const now = new Date('2026-01-01T12:00:00Z');
  const seen = (replies: readonly Message[], log?: readonly SagaLogEntry[]) => {
    const began = begin(placeOrderExample, example.data, { now });
    let [state, lines] = [began.state, [...began.did]];
    for (const { contract, data: reply } of replies) {
      const next = react(placeOrderExample, state, { type: contract.type, data: reply }, { now });
      [state, lines] = [next.state, [...lines, ...next.did]];
    }
    return sagaView(placeOrderExample, state, log ?? logOf(lines));
  };
  const statuses = ({ steps }: SagaView) => steps.map(({ status }) => status);

  it('is how far each step has come, and what may be done', () => {
    const view = seen([example.reserved]);
    expect(statuses(view)).toEqual(['done', 'waiting', 'to-do', 'to-do', 'to-do', 'to-do']);
    expect(view).toMatchObject({ orderId: example.data.orderId, allowed: ['retry', 'compensate'] });
  });

  it('is what is undone', () => {
    const view = seen([example.reserved, example.authorized, example.noCarrier]);
    expect(statuses(view).slice(0, 3)).toEqual(['done', 'undoing', 'failed']);
    expect(view.allowed).toEqual(['retry']);
  });

  it('is no compensate once the capture was sent, and nothing at the end', () => {
    const sent = seen([example.reserved, example.authorized, example.booked]);
    expect(sent.allowed).toEqual(['retry']);
    expect(seen([example.outOfStock]).allowed).toEqual([]);
  });

  it('is what the row alone tells when the log is no longer kept', () => {
    const latest = [{ at: now.toISOString(), step: 'authorize-payment', what: 'resent' } as const];
    expect(statuses(seen([example.reserved], latest))[0]).toBe('done');
    expect(statuses(seen([example.reserved], [])).slice(0, 3)).toEqual([
      'done',
      'waiting',
      'to-do',
    ]);
    const undoing = [example.reserved, example.authorized, example.noCarrier];
    expect(statuses(seen(undoing, [])).slice(0, 2)).toEqual(['done', 'undoing']);
    const done = [
      example.reserved,
      example.authorized,
      example.booked,
      example.captured,
      example.committed,
    ];
    expect(new Set(statuses(seen(done, [])))).toEqual(new Set(['done']));
    expect(statuses(seen([example.outOfStock], []))[0]).toBe('undone');
  });
});
