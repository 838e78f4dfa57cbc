import { describe, expect, it } from '@jest/globals';
import { idempotencyOf } from './idempotency.ts';

const of = (
  key: string | undefined,
  caller = 'ada',
  body: unknown = { a: 1, b: [{ c: 2, d: 3 }] },
) => idempotencyOf(key, caller, 'POST /x', body);

describe('an idempotency key', () => {
  it('may be absent', () => {
    expect(of(undefined)).toBeNull();
  });

  it('belongs to its caller', () => {
    expect(of('k')?.id).not.toBe(of('k', 'grace')?.id);
  });

  it('takes bodies for the same in whatever order their properties stand', () => {
    const turned = { note: null, b: [{ d: 3, c: 2 }], a: 1 };

    expect(of('k', 'ada', turned)).toEqual(of('k'));
    expect(of('k', 'ada', { a: 1, b: [] })?.bodyHash).not.toBe(of('k')?.bodyHash);
  });

  it.each(['', 'x'.repeat(256)])('has 1 to 255 characters', (key) => {
    expect(() => of(key)).toThrow('1 to 255 characters');
  });
});
