import { describe, expect, it } from '@jest/globals';
import { encode, type Message, newId, seal } from '@waybill/contracts';
import { BatchBuilder } from './batch-builder.ts';
import type { Handler } from './handler.ts';
import type { ParkedRow } from './store.ts';
import { Add, AddHere, adding, asking } from './testing/counters.fixture.ts';
import { HandClock } from './testing/hand-clock.ts';
import { type Origin, readWork, type Work } from './work.ts';
import { WorkingCopy } from './working-copy.ts';

const clock = new HandClock();
const never = Object.assign(new Error('never'), { retriable: false });
const later = new Error('not yet');
/** 13 is to be tried again, 66 never. */
const picky = (contract: typeof Add) =>
  adding(contract, (n) => (n === 13 ? later : n === 66 ? never : undefined));
const holding = (): Handler => {
  const handler = picky(Add);
  return { ...handler, options: { ...handler.options, holdsKey: true } };
};

const broker: Origin = {
  from: 'broker',
  delivery: { ack: () => undefined, giveBack: () => undefined },
};
const caller: Origin = { from: 'caller', resolve: () => undefined, reject: () => undefined };
const parked = (reason: ParkedRow['reason'] = 'retry'): Origin => ({
  from: 'parked',
  row: { reason } as ParkedRow,
});

/** A message in hand as its group reads it. */
function workOf(message: Message, origin: Origin, handler = picky(Add), id = newId()): Work {
  const cause = { id, correlationId: id, traceparent: null };
  const envelope = {
    ...seal(message, { cause, source: 'order', now: clock.now(), name: '0' }),
    id,
  };
  const handlers = [handler, picky(AddHere)].map((each) => [each.contract.type, each] as const);
  const body = encode(envelope);
  return readWork({ ...source, body, origin }, new Map(handlers));
}
const source = {
  group: 'shop',
  channel: 'shop.commands',
  broker: 'bench',
  shard: 0,
  firstAt: clock.now().toISOString(),
  arrivedAt: clock.now().getTime(),
  attempt: 0,
};
const add = (n: number, origin: Origin = broker, key = 'a') => workOf(Add({ id: key, n }), origin);

/** Builds one batch; `parkedOn` messages of every key are parked before it. */
function build(works: readonly Work[], parkedOn = 0) {
  const builder = new BatchBuilder(
    {
      service: 'shop',
      clock,
      random: () => 0.5,
      relay: { route: () => ({ broker: 'bench', lane: 0 }) },
      parkedOn: () => parkedOn,
    },
    new WorkingCopy(() => undefined),
  );
  for (const work of works) builder.add(work);
  const outcomes = builder.results.map(({ outcome }) => outcome);
  return { batch: builder.batch([]), results: builder.results, outcomes };
}

describe('the order of a key in a batch', () => {
  it('makes newcomers wait behind one that must wait, although nothing of their key is parked any more', () => {
    const behind = Object.assign(add(1), { behind: true });
    const { outcomes, batch } = build([behind, add(2), add(3, broker, 'b')]);
    expect(outcomes).toEqual(['parked', 'parked', 'applied']);
    expect(batch.park.map(({ reason }) => reason)).toEqual(['behind', 'behind']);
  });

  it('makes all wait behind one whose call has not begun, or goes on', () => {
    const { handler } = asking();
    const unasked = workOf(Add({ id: 'a', n: 1 }), broker, handler);
    const pending = workOf(Add({ id: 'b', n: 1 }), broker, handler);
    pending.ask = { state: 'pending' };
    const { outcomes, batch } = build([unasked, add(2), pending, add(2, broker, 'b')]);
    expect(outcomes).toEqual(['unasked', 'parked', 'parked', 'parked']);
    expect(batch.park.map(({ reason }) => reason)).toEqual(['behind', 'asking', 'behind']);
    expect(batch.inbox.map(({ outcome }) => outcome)).toEqual(['parked', 'parked', 'parked']);
  });

  it('leaves a parked message as it is behind one that failed', () => {
    const { outcomes, batch } = build([add(13, parked()), add(2, parked('behind'))], 2);
    expect(outcomes).toEqual(['parked', 'left']);
    expect([batch.park.length, batch.unpark.length, batch.inbox.length]).toEqual([1, 0, 1]);
  });

  it('holds up no caller, and nothing that cannot be read', () => {
    const called = workOf(AddHere({ id: 'a', n: 1 }), caller);
    const junk = readWork({ ...source, body: '{', origin: broker }, new Map());
    const { outcomes } = build([add(13, parked()), called, junk], 1);
    expect(outcomes).toEqual(['parked', 'applied', 'dead']);
  });
});

describe('the number of parked messages of a key', () => {
  it.each([
    ['a newcomer is applied', broker, 1, 'applied', 0],
    ['a newcomer fails', broker, 13, 'parked', 1],
    ['a newcomer dies', broker, 66, 'dead', 0],
    ['a parked one is applied', parked(), 1, 'applied', -1],
    ['a parked one fails again', parked(), 13, 'parked', 0],
    ['a parked one dies', parked(), 66, 'dead', -1],
    ['one whose call went on is applied', parked('asking'), 1, 'applied', -1],
    // It is counted from its first failure on: until then its key does not wait for it.
    ['a redriven one is applied', parked('redriven'), 1, 'applied', 0],
    ['a redriven one fails', parked('redriven'), 13, 'parked', 1],
    ['a redriven one dies', parked('redriven'), 66, 'dead', 0],
  ])('is right when %s', (_, origin, n, outcome, parkedChange) => {
    const { results, batch } = build([add(n, origin)]);
    expect(results).toMatchObject([{ outcome, parkedChange }]);
    const leaves = origin.from === 'parked' && outcome !== 'parked';
    expect([batch.unpark.length, batch.park.length]).toEqual([
      leaves ? 1 : 0,
      outcome === 'parked' ? 1 : 0,
    ]);
  });

  it.each([
    ['a newcomer', broker, 1],
    ['a parked one', parked(), 0],
    ['a redriven one', parked('redriven'), 1],
  ])('is right when %s dies and holds its key', (_, origin, parkedChange) => {
    const dead = workOf(Add({ id: 'a', n: 66 }), origin, holding());
    const { results, batch } = build([dead, add(2, parked('behind'))]);
    expect(results).toMatchObject([
      { outcome: 'dead', held: true, parkedChange },
      { outcome: 'left', parkedChange: 0 },
    ]);
    expect(batch.park).toMatchObject([{ reason: 'held', dueAt: null }]);
    expect(batch.inbox).toMatchObject([{ outcome: 'dead' }]);
  });
});

describe('a message that is in a batch twice', () => {
  it('counts once, and each group has one of its own', () => {
    const id = newId();
    const of = () => workOf(Add({ id: 'a', n: 1 }), broker, picky(Add), id);
    const elsewhere = { ...of(), group: 'audit', keyId: 'audit/a' };
    const { outcomes, batch } = build([of(), of(), elsewhere]);
    expect(outcomes).toEqual(['applied', 'duplicate', 'applied']);
    expect(batch.inbox.map(({ group }) => group)).toEqual(['shop', 'audit']);
  });
});
