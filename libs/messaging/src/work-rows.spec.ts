import { describe, expect, it } from '@jest/globals';
import { command } from '@waybill/message';
import { Add, adding } from './testing/counters.fixture.ts';
import { add, clock, fromBroker, junk, workOf } from './testing/works.fixture.ts';
import { codeOf, deadRow, errorText, nextAttempt } from './work-rows.ts';

const now = clock.now();

describe('the dead letter of a message', () => {
  it('has one id for each death: of a group, and after each redrive', () => {
    const work = add(1);
    const deaths = [work, { ...work, group: 'audit' }, { ...work, attempt: 5 }];
    const ids = deaths.map((each) => deadRow(each, new Error('no'), now).id);
    expect(new Set(ids).size).toBe(3);
    expect(deadRow({ ...work }, new Error('no'), now).id).toBe(ids[0]);
  });

  it('has an id also when it cannot be read', () => {
    const ids = [junk(), junk()].map((each) => deadRow(each, new Error('no'), now).id);
    expect(new Set(ids).size).toBe(2);
  });

  it('says what an error says, whatever was thrown, as a column can hold it', () => {
    expect(errorText(new Error('a\0b'))).toBe('a\\u0000b');
    expect([errorText('no'), codeOf('no'), codeOf({ code: 7 })]).toEqual([
      'no',
      'handler_failed',
      '7',
    ]);
    expect(deadRow(add(1), 'no', now)).toMatchObject({ error: 'no', stack: null });
  });
});

const { key, schema, summary } = Add;
const AddForever = command('shop.add', { key, schema, summary, retry: 'unbounded' });
const nowMs = clock.now().getTime();
const error = new Error('not yet');
const never = Object.assign(new Error('never'), { retriable: false });

/** Milliseconds until the next attempt of a message with so many attempts that arrived so long ago. */
function wait(
  attempt: number,
  about: Partial<{ forever: true; giveUpAfter: number; ago: number }>,
) {
  const contract = about.forever ? AddForever : Add;
  const handler = adding(contract);
  const { giveUpAfter, ago = 0 } = about;
  const options = giveUpAfter === undefined ? handler.options : { ...handler.options, giveUpAfter };
  const work = workOf(contract({ id: 'a', n: 1 }), fromBroker(), {
    handler: { ...handler, options },
  });
  const firstAt = nowMs - ago;
  const at = nextAttempt({ ...work, attempt, firstAt }, error, nowMs, () => 0.5);
  return at === null ? null : at - nowMs;
}

describe('the next attempt', () => {
  it('comes on the schedule of the contract, five times or for ever', () => {
    expect([1, 2, 3, 4, 5].map((attempt) => wait(attempt, {}))).toEqual([
      100,
      1_000,
      10_000,
      60_000,
      null,
    ]);
    expect(wait(50, { forever: true })).toBeGreaterThan(0);
  });

  it('never comes when it would begin too long after the first sight', () => {
    expect(wait(2, { giveUpAfter: 5_000, ago: 4_000 })).toBe(1_000);
    expect(wait(2, { giveUpAfter: 5_000, ago: 4_001 })).toBeNull();
    expect(wait(3, { giveUpAfter: 5_000 })).toBeNull();
    expect(wait(9, { giveUpAfter: 5_000, forever: true, ago: 5_001 })).toBeNull();
  });

  it('never comes when no retry can help, or when there is nothing to try', () => {
    const work = workOf(AddForever({ id: 'a', n: 1 }), fromBroker());
    expect(nextAttempt(work, never, nowMs, () => 0.5)).toBeNull();
    expect(nextAttempt(junk(), error, nowMs, () => 0.5)).toBeNull();
  });
});
