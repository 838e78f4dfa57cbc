import { describe, expect, it } from '@jest/globals';
import { newId } from '@waybill/message';
import { BatchBuilder } from './batch-builder.ts';
import { BatchTurns } from './key-queue.ts';
import { Add, AddHere, calling } from './testing/counters.fixture.ts';
import {
  add,
  clock,
  fromBroker,
  fromCaller,
  fromTable,
  junk,
  picky,
  workOf,
} from './testing/works.fixture.ts';
import type { Work } from './work.ts';
import { WorkingCopy } from './working-copy.ts';

const holding = { ...picky(Add), options: { ...picky(Add).options, holdsKey: true } };

/** Builds one batch; `parkedOn` messages of every key are deferred before it. */
function build(works: readonly Work[], deferredNow = 0) {
  const builder = new BatchBuilder(
    {
      service: 'shop',
      clock,
      random: () => 0.5,
      relay: { route: () => ({ broker: 'bench', outboxPartition: 0, own: true }) },
    },
    new WorkingCopy(() => undefined),
    new BatchTurns({ deferredOn: () => deferredNow }),
  );
  for (const work of works) builder.add(work);
  const outcomes = builder.results.map(({ outcome }) => outcome);
  return { batch: builder.batch([]), results: builder.results, outcomes };
}

describe('the order of a key in a batch', () => {
  it('makes newcomers wait behind one that must wait, although nothing of their key is deferred any more', () => {
    const blocked = Object.assign(add(1), { blocked: true });
    const { outcomes, batch } = build([blocked, add(2), add(3, fromBroker(), 'b')]);
    expect(outcomes).toEqual(['parked', 'parked', 'applied']);
    expect(batch.defer.map(({ reason }) => reason)).toEqual(['behind', 'behind']);
  });

  it('makes all wait behind one whose call has not begun, or goes on', () => {
    const { handler } = calling();
    const notCalledYet = workOf(Add({ id: 'a', n: 1 }), fromBroker(), { handler });
    const pending = workOf(Add({ id: 'b', n: 1 }), fromBroker(), { handler });
    pending.call = { state: 'pending' };
    const { outcomes, batch } = build([notCalledYet, add(2), pending, add(2, fromBroker(), 'b')]);
    expect(outcomes).toEqual(['unasked', 'parked', 'parked', 'parked']);
    expect(batch.defer.map(({ reason }) => reason)).toEqual(['behind', 'asking', 'behind']);
    expect(batch.inbox.map(({ outcome }) => outcome)).toEqual(['parked', 'parked', 'parked']);
  });

  it('leaves a deferred message as it is behind one that failed', () => {
    const { outcomes, batch } = build([add(13, fromTable()), add(2, fromTable('behind'))], 2);
    expect(outcomes).toEqual(['parked', 'left']);
    expect([batch.defer.length, batch.undefer.length, batch.inbox.length]).toEqual([1, 0, 1]);
  });

  it('holds up no caller, and nothing that cannot be read', () => {
    const called = workOf(AddHere({ id: 'a', n: 1 }), fromCaller());
    const { outcomes } = build([add(13, fromTable()), called, junk()], 1);
    expect(outcomes).toEqual(['parked', 'applied', 'dead']);
  });
});

describe('the number of deferred messages of a key', () => {
  it.each([
    ['a newcomer is applied', fromBroker(), 1, 'applied', 0],
    ['a newcomer fails', fromBroker(), 13, 'parked', 1],
    ['a newcomer dies', fromBroker(), 66, 'dead', 0],
    ['a deferred one is applied', fromTable(), 1, 'applied', -1],
    ['a deferred one fails again', fromTable(), 13, 'parked', 0],
    ['a deferred one dies', fromTable(), 66, 'dead', -1],
    ['one whose call went on is applied', fromTable('asking'), 1, 'applied', -1],
    // A redriven message counts only from its first failure on: until then it does not block its key.
    ['a redriven one is applied', fromTable('redriven'), 1, 'applied', 0],
    ['a redriven one fails', fromTable('redriven'), 13, 'parked', 1],
    ['a redriven one dies', fromTable('redriven'), 66, 'dead', 0],
  ])('is right when %s', (_, origin, n, outcome, deferredChange) => {
    const { results, batch } = build([add(n, origin)]);
    expect(results).toMatchObject([{ outcome, deferredChange }]);
    const leaves = origin.from === 'parked' && outcome !== 'parked';
    expect([batch.undefer.length, batch.defer.length]).toEqual([
      leaves ? 1 : 0,
      outcome === 'parked' ? 1 : 0,
    ]);
  });

  it.each([
    ['a newcomer', fromBroker(), 1],
    ['a deferred one', fromTable(), 0],
    ['a redriven one', fromTable('redriven'), 1],
  ])('is right when %s dies and holds its key', (_, origin, deferredChange) => {
    const dead = workOf(Add({ id: 'a', n: 66 }), origin, { handler: holding });
    const { results, batch } = build([dead, add(2, fromTable('behind'))]);
    expect(results).toMatchObject([
      { outcome: 'dead', held: true, deferredChange },
      { outcome: 'left', deferredChange: 0 },
    ]);
    expect(batch.defer).toMatchObject([{ reason: 'held', dueAt: null }]);
    expect(batch.inbox).toMatchObject([{ outcome: 'dead' }]);
  });
});

describe('a message whose attempts are used up', () => {
  it('is a dead letter of the later error when the decision in its place fails too', () => {
    const onRetriesExhausted = () => {
      throw new Error('no such template');
    };
    const handler = { ...picky(Add), options: { ...picky(Add).options, onRetriesExhausted } };
    const { batch } = build([workOf(Add({ id: 'a', n: 66 }), fromBroker(), { handler })]);
    expect(batch.deadLetter).toMatchObject([{ error: 'no such template' }]);
  });
});

describe('a message that is in a batch twice', () => {
  it('counts once, and each group has one of its own', () => {
    const id = newId();
    const of = () => workOf(Add({ id: 'a', n: 1 }), fromBroker(), { id });
    const elsewhere = { ...of(), group: 'audit', keyId: 'audit/a' };
    const { outcomes, batch } = build([of(), of(), elsewhere]);
    expect(outcomes).toEqual(['applied', 'duplicate', 'applied']);
    expect(batch.inbox.map(({ group }) => group)).toEqual(['shop', 'audit']);
  });
});
