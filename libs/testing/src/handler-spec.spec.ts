import { describe, expect, it } from '@jest/globals';
import { CommitStock, ReleaseStock, StockCommitted, StockReleased } from '@waybill/contracts';
import { on, stateTable } from '@waybill/messaging';
import { aLine } from './builders.ts';
import { handlerSpec } from './handler-spec.ts';

interface Reservation {
  readonly orderId: string;
  readonly status: string;
}
const reservations = stateTable<Reservation>({
  table: 'reservation',
  id: 'orderId',
});
const orderId = '019a9c40-0000-7000-8000-000000000001';
const data = { orderId, lines: [aLine()] };

const release = on(ReleaseStock, reservations, {
  state: (command) => command.orderId,
  decide: (reservation, command, { now, answer }) => {
    if (answer === 'broken') throw Object.assign(new Error('broken'), { code: 'broken' });
    if (reservation?.status === 'released') return {};
    return {
      changes: [reservations.put({ orderId: command.orderId, status: now.toISOString() })],
      send: [StockReleased({ orderId: command.orderId })],
      answer: 'ok',
    };
  },
  onRetriesExhausted: (_, command) => ({ send: [StockCommitted({ orderId: command.orderId })] }),
});

describe('the spec of a handler', () => {
  const spec = handlerSpec(release);

  it('gives the handler its state, time and answer, and compares what it decides', () => {
    spec
      .given({ orderId, status: 'reserved' })
      .when(data, { now: '2026-02-03T00:00:00Z' })
      .thenChanges(reservations.put({ orderId, status: '2026-02-03T00:00:00.000Z' }))
      .thenSends(StockReleased({ orderId }))
      .thenAnswers('ok');
    spec.given({ orderId, status: 'released' }).when(data).thenNothing();
    spec.whenRefused(data, { code: 'broken' }, { answer: 'broken' });
  });

  it('runs the decision of last resort', () => {
    spec.when(data, { exhaustedBy: new Error('x') }).thenSends(StockCommitted({ orderId }));
  });

  it('fails when the decision differs', () => {
    expect(() => spec.when(data).thenNothing()).toThrow();
    expect(() => spec.when(data).thenSends(CommitStock(data))).toThrow();
    expect(() => spec.when(data).thenSends()).toThrow();
  });

  it('fails when the database could not look for the state', () => {
    const rows = { ...reservations, id: { type: 'uuid' } };
    const of = (id: string) =>
      handlerSpec(on(ReleaseStock, rows, { state: () => id, decide: () => ({}) }));
    of(orderId).when(data).thenNothing();
    expect(() => of('MUG').when(data)).toThrow('the ids of reservation are uuids, not "MUG"');
  });

  it('refuses data that the contract refuses', () => {
    expect(() => spec.when({ orderId: 'x' })).toThrow(/does not fit its schema/);
  });
});
