import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { masked } from './masked.ts';
import { OrderAnnounced } from './order.messages.ts';
import { AuthorizePayment } from './payment.messages.ts';
import { address, sensitive } from './values.ts';

describe('masking', () => {
  it('hides the fields that their contract marks as sensitive, and nothing else', () => {
    const data = { orderId: 'o', amount: { amount: 1, currency: 'EUR' }, token: 'tok_visa' };
    expect(masked(AuthorizePayment.schema, data)).toEqual({ ...data, token: '***' });
    const customer = { id: 'c', name: 'Ada', email: 'ada@example.com' };
    expect(masked(OrderAnnounced.schema, { customer })).toEqual({
      customer: { id: 'c', name: '***', email: '***' },
    });
  });

  it('finds them inside lists and behind optional and nullable', () => {
    const schema = z.object({
      people: z.array(z.object({ name: sensitive(z.string()) })).optional(),
      home: sensitive(address).nullable(),
    });
    const data = { people: [{ name: 'Ada' }], home: { city: 'Berlin' }, extra: 1 };
    expect(masked(schema, data)).toEqual({ people: [{ name: '***' }], home: '***', extra: 1 });
  });

  it('leaves data alone that do not fit', () => {
    for (const data of [null, 'text', 3, ['a']]) {
      expect(masked(OrderAnnounced.schema, data)).toEqual(data);
    }
  });
});
