import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { sensitive } from './fields.ts';
import { masked, maskedEmail } from './masked.ts';

const schema = z.object({
  id: z.string(),
  name: sensitive(z.string()),
  email: sensitive(z.string()),
  room: z.object({ number: z.int() }),
});

describe('masking', () => {
  it('hides the fields that their contract marks as sensitive, and nothing else', () => {
    const guest = { id: 'c', name: 'Ada', email: 'ada@example.com', room: { number: 7 } };
    expect(masked(schema, guest)).toEqual({ ...guest, name: '***', email: '***' });
  });

  it('finds them inside lists and behind optional and nullable', () => {
    const home = z.object({ city: z.string() });
    const nested = z.object({
      people: z.array(z.object({ name: sensitive(z.string()) })).optional(),
      home: sensitive(home).nullable(),
    });
    const data = { people: [{ name: 'Ada' }], home: { city: 'Berlin' }, extra: 1 };
    expect(masked(nested, data)).toEqual({ people: [{ name: '***' }], home: '***', extra: 1 });
  });

  it('leaves data alone that do not fit', () => {
    for (const data of [null, 'text', 3, ['a']]) {
      expect(masked(schema, data)).toEqual(data);
    }
  });
});

it.each([
  ['ada@example.com', 'a***@example.com'],
  ['@example.com', '***'],
  ['nobody', '***'],
])('the e-mail address %s is shown as %s', (address, shown) => {
  expect(maskedEmail(address)).toBe(shown);
});
