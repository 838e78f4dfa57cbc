import { describe, expect, it } from '@jest/globals';
import type { Underway } from './on-the-way.ts';
import { Returns, SendingLine } from './on-the-way.ts';

const message = (id: string, copies: number) => ({ id, copies, returned: 0 }) as Underway;

describe('returned messages', () => {
  it('are found by their id, the earlier one first when an id is under way twice', () => {
    const returns = new Returns();
    const [first, second] = [message('a', 2), message('a', 1)];
    returns.expect(first);
    returns.expect(second);
    for (let n = 0; n < 3; n += 1) returns.returned('a');
    returns.returned('unknown');
    expect([first.returned, second.returned]).toEqual([2, 1]);
  });

  it('are not looked for any more when they are answered', () => {
    const returns = new Returns();
    const [first, second] = [message('a', 1), message('a', 1)];
    returns.expect(first);
    returns.expect(second);
    returns.forget(first);
    returns.returned('a');
    expect([first.returned, second.returned]).toEqual([0, 1]);
  });
});

describe('a line of messages to send', () => {
  it('is first in, first out, however long it was', () => {
    const line = new SendingLine<number>();
    for (let n = 0; n < 5_000; n += 1) line.push(n);
    for (let n = 0; n < 4_000; n += 1) {
      expect(line.first()).toBe(n);
      line.drop();
    }
    expect(line.extract((n) => n % 2 === 0).length).toBe(500);
    expect([line.length, line.first()]).toEqual([500, 4_001]);
    expect(line.extract(() => true).length).toBe(500);
    expect([line.length, line.first()]).toEqual([0, undefined]);
  });
});
