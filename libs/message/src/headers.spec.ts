import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { announcement } from './contract.ts';
import { InvalidMessage } from './data.ts';
import { decode, encode, wrap } from './envelope.ts';
import { newId } from './id.ts';

const about = { summary: '', schema: z.strictObject({}), key: () => 'k' };
const attributes = () => ({ status: 'open' });
const Opened = announcement('door.opened', { ...about, attributes, headers: true });
const Closed = announcement('door.closed', about);

const problemsOf = (headers: Record<string, unknown>): readonly string[] => {
  try {
    Opened({}, { headers: headers as Record<string, string> });
    return [];
  } catch (error) {
    if (!(error instanceof InvalidMessage)) throw error;
    return error.problems.map(({ path, message }) => `${path} ${message}`);
  }
};
const numbered = (count: number, value: string) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`h-${index}`, value]));

describe('the headers of a message', () => {
  it('stand beside the attributes of its contract, and come back from the wire', () => {
    const cause = { id: newId(), correlationId: 'c', traceparent: null };
    const context = { cause, source: 'door', now: new Date(), name: '0' };
    const headers = { store: 'Zürich, 東京', 'order-value': 'high' };
    const envelope = wrap(Opened({}, { headers }), context);
    expect(decode(encode(envelope)).attributes).toEqual({ status: 'open', ...headers });
  });

  it('are refused where the contract does not allow them', () => {
    expect(() => Closed({}, { headers: {} })).toThrow('door.closed takes no headers');
  });

  it.each(['Store', '1st', 'a_b', '', 'a b', '__proto__', `a${'b'.repeat(64)}`])(
    'have no name like %j',
    (name) => {
      const [problem, ...more] = problemsOf(JSON.parse(`{"${name}": "x"}`));
      expect(problem).toMatch(/^\/headers\/.* is no name of 1 to 64 lower-case letters/);
      expect(more).toEqual([]);
    },
  );

  it.each([
    ['traceparent', '/headers/traceparent is a name that every message uses itself'],
    ['content-type', '/headers/content-type is a name that every message uses itself'],
    ['status', '/headers/status is an attribute that the contract derives'],
  ])('do not take the name %s', (name, problem) => {
    expect(problemsOf({ [name]: 'x' })).toEqual([problem]);
  });

  it.each([
    ['empty', ''],
    ['long', 'x'.repeat(256)],
    ['CRLF', 'a\r\nb: c'],
    ['U+0000', '\0'],
    ['half a pair', '\ud83d'],
    ['a number', 1],
    ['null', null],
  ])('have no value like %s', (_, value) => {
    expect(problemsOf({ a: value })).toEqual([
      '/headers/a is no text of 1 to 255 characters without control characters',
    ]);
  });

  it('are at most 16, of 4 KiB together', () => {
    expect(problemsOf(numbered(16, 'x'))).toEqual([]);
    expect(problemsOf(numbered(17, 'x'))).toEqual(['/headers are more than 16']);
    expect(problemsOf(numbered(16, 'x'.repeat(255)))).toEqual([
      '/headers are larger than 4096 bytes together',
    ]);
  });
});
