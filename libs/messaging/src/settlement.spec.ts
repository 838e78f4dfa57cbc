import { describe, expect, it } from '@jest/globals';
import { MalformedEnvelope } from '@waybill/message';
import { type Finished, silentObserver } from './observer.ts';
import { Settlement } from './settlement.ts';
import { add, clock, fromBroker, fromCaller } from './testing/works.fixture.ts';
import { type Result, UnknownMessage, type Work } from './work.ts';

/** A settlement whose calls are recorded. */
function scene(call?: Promise<void>, finished: (event: Finished) => void = () => undefined) {
  const published: string[] = [];
  const say = (what: string) => () => void published.push(what);
  const settlement = new Settlement({
    clock,
    observer: {
      ...silentObserver,
      finished: (event) => {
        published.push(`report ${event.outcome}`);
        finished(event);
      },
    },
    queue: {
      settled: say('settled'),
      drop: say('dropped'),
      keepOurs: (works) => works.slice(1),
      answeredLate: say('goes on'),
    },
    calls: { begin: say('calls'), answered: () => call },
    rows: { goOn: say('rows'), pollAt: (time) => published.push(`look at ${time}`) },
  });
  const settle = (work: Work, outcome: Result['outcome'], more: Partial<Result> = {}) => {
    settlement.settled({ work, outcome, deferredChange: 0, ...more });
    return published.splice(0);
  };
  return { settlement, published, settle };
}

describe('a message that came from a broker', () => {
  it.each([
    ['applied', ['report applied'], ['ack']],
    ['parked', ['report parked'], ['ack']],
    ['dead', ['report dead'], ['ack']],
    ['duplicate', ['report duplicate'], ['ack']],
    // It is processed again in this process, so the broker must keep it.
    ['unasked', [], []],
  ] as const)('is acked by what became of it: %s', (outcome, reports, tells) => {
    const told: string[] = [];
    const published = scene().settle(add(1, fromBroker(told)), outcome);
    expect(published).toEqual(['settled', ...reports, 'calls', 'rows']);
    expect(told).toEqual(tells);
  });

  it('is looked for when it is due again', () => {
    expect(scene().settle(add(1), 'parked', { retryAt: 7 })).toContain('look at 7');
  });
});

describe('the report of a message', () => {
  const failureOf = (outcome: Result['outcome'], more: Partial<Result>, refusal?: unknown) => {
    const failures: unknown[] = [];
    const { settle } = scene(undefined, ({ failure }) => failures.push(failure));
    settle(Object.assign(add(1), { refusal }), outcome, more);
    return failures;
  };

  it.each([
    ['applied', {}, undefined, null],
    ['parked', { retryAt: 7 }, undefined, 'failed'],
    // One that waits behind others of its key.
    ['parked', {}, undefined, null],
    ['dead', {}, undefined, 'failed'],
    ['dead', {}, new UnknownMessage('expired', 'too late'), 'failed'],
    ['dead', {}, new MalformedEnvelope('no JSON'), 'malformed'],
  ] as const)('%s with %j and %s: %s', (outcome, more, refusal, failure) => {
    expect(failureOf(outcome, more, refusal)).toEqual([failure]);
  });

  it('is also made of one that nobody can read', () => {
    const types: string[] = [];
    const { settle } = scene(undefined, ({ type }) => types.push(type));
    settle(Object.assign(add(1), { envelope: null }), 'dead');
    expect(types).toEqual(['unreadable']);
  });
});

describe('messages that are let go', () => {
  it('let others go on', () => {
    const { settlement, published } = scene();
    expect(settlement.keepOurs([add(1), add(2)])).toHaveLength(1);
    expect(published.splice(0)).toEqual(['calls', 'rows']);
    expect(settlement.keepOurs([])).toEqual([]);
    expect(published).toEqual([]);
    settlement.drop(add(1));
    expect(published).toEqual(['dropped', 'calls', 'rows']);
  });
});

describe('a message whose call goes on while it is deferred', () => {
  const answered = async (stops: boolean) => {
    const { settlement, published, settle } = scene(Promise.resolve());
    settle(add(1), 'parked', { calling: true });
    if (stops) settlement.stop();
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    return published;
  };

  it('goes on when it is answered, or after the next start', async () => {
    expect(await answered(false)).toEqual(['goes on']);
    expect(await answered(true)).toEqual([]);
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
