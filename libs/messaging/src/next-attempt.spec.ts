import { describe, expect, it } from '@jest/globals';
import { command } from '@waybill/message';
import { Add, adding } from './testing/counters.fixture.ts';
import { clock, fromBroker, junk, workOf } from './testing/works.fixture.ts';
import { nextAttempt } from './work-rows.ts';

const { key, schema, summary } = Add;
const AddForever = command('shop.add', { key, schema, summary, retry: 'unbounded' });
const now = clock.now().getTime();
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
  const firstAt = now - ago;
  const at = nextAttempt({ ...work, attempt, firstAt }, error, now, () => 0.5);
  return at === null ? null : at - now;
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
    expect(nextAttempt(work, never, now, () => 0.5)).toBeNull();
    expect(nextAttempt(junk(), error, now, () => 0.5)).toBeNull();
  });
});
