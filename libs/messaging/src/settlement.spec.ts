import { describe, expect, it } from '@jest/globals';
import type { Asks } from './asks.ts';
import type { BatchLoop } from './batch-loop.ts';
import { HeardHandlers } from './heard-handlers.ts';
import { silentObserver } from './observer.ts';
import { ParkedKeys } from './parked-keys.ts';
import type { ParkedTurns } from './parked-turns.ts';
import type { Result } from './result.ts';
import { Settlement, type SettlementOptions } from './settlement.ts';
import { Add, asking } from './testing/counters.fixture.ts';
import { add, clock, fromBroker, fromCaller, fromTable, picky } from './testing/works.fixture.ts';
import type { Work } from './work.ts';

/** A settlement that tells what it had done with the key of a message. */
function scene(options: Partial<SettlementOptions> = {}, asks = false) {
  const said: string[] = [];
  const parkedKeys = new ParkedKeys();
  const say = (what: string) => () => void said.push(what);
  /** Those in no batch yet, and those of its key that wait for its call. */
  const [queued, inLine]: [Work[], Work[]] = [[], []];
  const settlement = new Settlement({
    clock,
    observer: { ...silentObserver, finished: ({ outcome }) => said.push(`report ${outcome}`) },
    handlers: new HeardHandlers('shop', [asks ? asking().handler : picky(Add)]),
    parkedKeys,
    turns: {
      drain: say('drain'),
      letGo: say('let go'),
      hold: say('hold'),
      pollAt: (time: number) => said.push(`look at ${time}`),
    } as unknown as ParkedTurns,
    asks: {
      enter: say('ask'),
      done: say('next of the key'),
      parked: () => inLine.splice(0),
      whenAnswered: (work: Work, again: (work: Work) => void) => again(work),
    } as unknown as Asks,
    loop: {
      add: (work: Work) => said.push(`again ${work.origin.from}${work.behind ? ' behind' : ''}`),
      takeOut: (isSo: (work: Work) => boolean) => queued.splice(0).filter(isSo),
    } as unknown as BatchLoop,
    isOurs: () => true,
    isStopping: () => false,
    ...options,
  });
  const settle = (work: Work, outcome: Result['outcome'], more: Partial<Result> = {}) => {
    settlement.settled({ work, outcome, parkedChange: 0, ...more });
    return said.splice(0);
  };
  return { settlement, parkedKeys, queued, inLine, said, settle };
}

describe('a message that came from a broker', () => {
  it.each([
    ['applied', ['report applied'], ['ack']],
    ['parked', ['report parked'], ['ack']],
    ['dead', ['report dead'], ['ack']],
    ['duplicate', ['report duplicate'], ['ack']],
    // It comes again in this process, so the broker must go on to keep it.
    ['unasked', [], []],
  ] as const)('is acked by what became of it: %s', (outcome, reports, tells) => {
    const told: string[] = [];
    expect(scene().settle(add(1, fromBroker(told)), outcome)).toEqual(reports);
    expect(told).toEqual(tells);
  });

  it('is asked again for when its call has not begun', () => {
    expect(scene({}, true).settle(add(1), 'unasked')).toEqual(['ask']);
  });
});

describe('a message that came from the table', () => {
  it.each([
    ['applied', ['report applied', 'let go']],
    ['dead', ['report dead', 'let go']],
    ['parked', ['report parked', 'let go']],
    ['left', ['let go']],
  ] as const)('may be taken again from there: %s', (outcome, expected) => {
    expect(scene().settle(add(1, fromTable()), outcome)).toEqual(expected);
  });

  it('takes with it those of its key that were taken together with it, when it waits there', () => {
    const { queued, settle } = scene();
    const ofKey = add(2, fromTable());
    const others = [add(2, fromBroker()), add(2, fromTable('asking')), add(2, fromTable(), 'b')];
    queued.push(...others, ofKey);
    expect(settle(add(1, fromTable()), 'parked')).toEqual(['report parked', 'let go', 'let go']);
  });

  it('is let go with those behind it when its shard is lost', () => {
    const { settlement, said, queued, inLine } = scene();
    queued.push(add(2, fromTable()));
    settlement.dropped(add(1, fromTable()));
    expect(said.splice(0)).toEqual(['let go', 'let go']);
    inLine.push(add(2, fromTable()));
    settlement.dropped(add(1, fromTable()));
    expect(said).toEqual(['let go', 'let go']);
  });
});

describe('those that wait for a call of their key', () => {
  it('are parked behind it when it is, and newcomers alone', () => {
    const { inLine, settle } = scene({}, true);
    inLine.push(add(2, fromBroker()), add(3, fromCaller()), add(4, fromTable()));
    expect(settle(add(1), 'parked')).toEqual([
      'report parked',
      'again broker behind',
      'again caller',
      'let go',
    ]);
  });

  it('go on when it is through, but not when it was none of their line', () => {
    const { settle } = scene({}, true);
    expect(settle(add(1), 'applied')).toEqual(['report applied', 'next of the key']);
    const passing = Object.assign(add(1), { behind: true });
    expect(settle(passing, 'parked')).toEqual(['report parked']);
  });
});

describe('those that are parked on a key', () => {
  const drains = (outcome: Result['outcome'], parked: number, work = add(1)) => {
    const { parkedKeys, settle } = scene();
    parkedKeys.change('shop/a', 0, parked);
    return settle(work, outcome).includes('drain');
  };

  it('go on when a message of it is through, be it applied, dead or refused', () => {
    expect((['applied', 'dead', 'discarded'] as const).map((end) => drains(end, 1))).toEqual([
      true,
      true,
      true,
    ]);
    expect((['parked', 'left', 'duplicate'] as const).map((end) => drains(end, 1))).toEqual([
      false,
      false,
      false,
    ]);
    expect(drains('applied', 0)).toBe(false);
  });

  it('go on when the only one was parked behind a message that is through by then', () => {
    const behind = () => Object.assign(add(1), { behind: true });
    expect([drains('parked', 1, behind()), drains('parked', 2, behind())]).toEqual([true, false]);
  });

  it('are counted, and looked for when they are due', () => {
    const { parkedKeys, settle } = scene();
    expect(settle(add(1), 'parked', { parkedChange: 1, retryAt: 7 })).toEqual([
      'report parked',
      'look at 7',
    ]);
    expect(parkedKeys.on('shop/a')).toBe(1);
  });

  it('are not counted again when their shard was lost meanwhile: the database has told', () => {
    const { parkedKeys, settle } = scene({ isOurs: () => false });
    settle(add(1), 'parked', { parkedChange: 1 });
    expect(parkedKeys.on('shop/a')).toBe(0);
  });
});

describe('a message whose call goes on while it is parked', () => {
  const answered = (options: Partial<SettlementOptions> = {}) =>
    scene(options, true).settle(add(1), 'parked', { asking: true }).slice(1);

  it('is held and goes on from the table when it is answered', () => {
    expect(answered()).toEqual(['hold', 'again parked']);
  });

  it('goes on with whoever has its shard by then, or after the next start', () => {
    expect(answered({ isOurs: () => false })).toEqual([]);
    expect(answered({ isStopping: () => true })).toEqual([]);
  });
});

describe('a caller', () => {
  it('gets the answer or the error', () => {
    const told: unknown[] = [];
    const { settle } = scene();
    const error = new Error('no');
    settle(add(1, fromCaller(told)), 'applied', { answer: 4 });
    settle(add(1, fromCaller(told)), 'discarded', { error });
    expect(told).toEqual([4, error]);
  });
});
