import { describe, expect, it } from '@jest/globals';
import { OnTheWay, Returns, SendingLine, type Underway } from './on-the-way.ts';

function underway(id: string, key: string, told: string[], deadline = 0): Underway {
  return {
    id,
    key,
    type: 't',
    channel: 'c',
    settle: (error) => told.push(`${id} ${error ? error.message : 'ok'}`),
    deadline,
    open: 1,
    returned: 0,
    copies: 1,
    error: null,
    done: false,
  };
}

describe('messages on their way', () => {
  it('take later ones of their key down with them, and no others', () => {
    const told: string[] = [];
    const way = new OnTheWay();
    const [first, other, second] = [
      underway('k-1', 'k', told),
      underway('x-1', 'x', told),
      underway('k-2', 'k', told),
    ];
    for (const each of [first, other, second]) way.add(each);
    way.failWithFollowers(first, new Error('refused'));
    way.end(other);
    way.end(second, second.error ?? undefined);
    expect(told).toEqual(['k-1 refused', 'x-1 ok', 'k-2 refused']);
  });

  it('are settled once', () => {
    const told: string[] = [];
    const way = new OnTheWay();
    const one = underway('a', 'k', told);
    way.add(one);
    way.end(one);
    way.end(one, new Error('late'));
    way.abandon(new Error('gone'));
    expect(told).toEqual(['a ok']);
  });

  it('are overdue from the oldest on', () => {
    const way = new OnTheWay();
    const all = [10, 20, 30].map((deadline) => underway(String(deadline), 'k', [], deadline));
    for (const each of all) way.add(each);
    expect(way.overdue(20).map(({ id }) => id)).toEqual(['10', '20']);
  });
});

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
