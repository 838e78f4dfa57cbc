import { describe, expect, it } from '@jest/globals';
import { upcasting } from './upcasters.ts';

const upcast = upcasting({
  placed: {
    1: (old: { total: number }) => ({ amount: old.total }),
    2: (old: { amount: number }) => ({ money: { amount: old.amount, currency: 'EUR' } }),
  },
});

describe('upcasting', () => {
  it('lifts old data one version after the other', () => {
    const money = { amount: 5, currency: 'EUR' };
    const expected = { type: 'placed', data: { money, v: 3 } };
    expect(upcast({ type: 'placed', data: { total: 5 } })).toEqual(expected);
    expect(upcast({ type: 'placed', data: { amount: 5, v: 2 } })).toEqual(expected);
    expect(upcast(expected)).toEqual(expected);
  });

  it('leaves alone what it does not know', () => {
    const event = { type: 'shipped', data: { at: 'now' } };
    expect(upcast(event)).toEqual(event);
  });
});
