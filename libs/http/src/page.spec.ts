import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { PagedList } from './page.ts';

const numbers = new PagedList('numbers', z.int());
const others = new PagedList('others', z.int());
const words = new PagedList('words', z.strictObject({ at: z.string(), id: z.string() }));

const asked = (cursor?: string) => ({ limit: 2, cursor });
const encoded = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const next = (filter = {}): string => {
  const { nextCursor } = numbers.read(asked(), filter).page([1, 2, 3], (last) => last);
  return nextCursor ?? '';
};
const refusal = (read: () => unknown): unknown => {
  try {
    return read();
  } catch (error) {
    return error;
  }
};
const invalid = { status: 400, code: 'invalid_request', errors: [{ path: '/cursor' }] };

describe('a paged list', () => {
  it('shows what was asked for, and begins the next page behind it', () => {
    const first = numbers.read(asked());
    expect([first.after, first.take]).toEqual([undefined, 3]);
    const page = first.page([1, 2, 3], (last) => last);
    expect(page.items).toEqual([1, 2]);
    expect(numbers.read(asked(page.nextCursor ?? '')).after).toBe(2);
  });

  it('ends when nothing is left', () => {
    const { page } = numbers.read(asked());
    expect(page([1, 2], (last) => last).nextCursor).toBeNull();
    expect(page([], () => 0)).toEqual({ items: [], nextCursor: null });
  });

  it('takes the cursor of its filter, in whatever order that is written, and of no other', () => {
    const cursor = next({ status: 'open', customerId: 'a', since: undefined });
    expect(numbers.read(asked(cursor), { customerId: 'a', status: 'open' }).after).toBe(2);
    for (const filter of [{}, { status: 'open' }, { status: 'open', customerId: 'b' }]) {
      expect(refusal(() => numbers.read(asked(cursor), filter))).toMatchObject(invalid);
    }
  });

  it('refuses the cursor of another list with places of the same form', () => {
    expect(refusal(() => others.read(asked(next())))).toMatchObject(invalid);
    expect(refusal(() => words.read(asked(next())))).toMatchObject(invalid);
  });

  const [mark] = JSON.parse(Buffer.from(next(), 'base64url').toString());
  it.each([
    ['nothing', ''],
    ['no JSON', encoded('[')],
    ['no list', encoded({ 0: mark, 1: 2 })],
    ['more than a place', encoded([mark, 2, 3])],
    ['a place of another form', encoded([mark, '2'])],
    ['another spelling of it', encoded(`["${mark}", 2]`)],
    ['padding', `${next()}=`],
    ['what is behind it', `${next()}!`],
    ['a number that is none', encoded(`["${mark}",1e400]`)],
  ])('refuses %s as a cursor', (_, cursor) => {
    expect(refusal(() => numbers.read(asked(cursor)))).toMatchObject(invalid);
  });

  it.each(['\u0000', '\ud800', '__proto__'])('refuses %j within a cursor', (text) => {
    const { nextCursor } = words.read(asked()).page([1, 2, 3], () => ({ at: 'x', id: 'y' }));
    const [made] = JSON.parse(Buffer.from(nextCursor ?? '', 'base64url').toString());
    const key = text === '__proto__' ? JSON.parse('{"__proto__":1}') : { at: text, id: 'y' };
    expect(refusal(() => words.read(asked(encoded([made, key]))))).toMatchObject(invalid);
  });
});
