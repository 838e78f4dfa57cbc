import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { UnreadableValue } from './errors.ts';
import { MasterKey } from './master-key.ts';

const [old, fresh] = ['o', 'f'].map((letter) => letter.repeat(32)) as [string, string];
const secret = randomBytes(32);

describe('a master key', () => {
  it('wraps a secret of a name, and unwraps it for no other name', () => {
    const master = new MasterKey(old);
    const wrapped = master.wrap(secret, 'ada');
    expect(master.unwrap(wrapped, 'ada')).toEqual(secret);
    expect(() => master.unwrap(wrapped, 'grace')).toThrow(UnreadableValue);
    expect(wrapped).not.toContain(secret.toString('base64url'));
  });

  it('is rotated by putting the new one first', () => {
    const wrapped = new MasterKey(old).wrap(secret, 'ada');
    const both = new MasterKey(`${fresh}, ${old}`);
    expect(both.unwrap(wrapped, 'ada')).toEqual(secret);
    expect(both.isOutdated(wrapped)).toBe(true);
    const again = both.wrap(secret, 'ada');
    expect(both.isOutdated(again)).toBe(false);
    expect(new MasterKey(fresh).unwrap(again, 'ada')).toEqual(secret);
    expect(() => new MasterKey(fresh).unwrap(wrapped, 'ada')).toThrow(/master key .* is missing/);
  });

  it.each(['', 'short', `${old},short`])('is never short: %j', (keys) => {
    expect(() => new MasterKey(keys)).toThrow('at least 32 characters');
  });
});
