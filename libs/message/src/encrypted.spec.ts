import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { encrypted, isEncrypted } from './encrypted.ts';
import { masked } from './masked.ts';

const jwe = `eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..${'i'.repeat(16)}.dGV4dA.${'t'.repeat(22)}`;
const person = z.object({
  home: encrypted(z.object({ city: z.string() })).optional(),
  name: encrypted(z.string().max(10)),
});

describe('an encrypted field', () => {
  it('takes a compact JWE, and a plain value that fits, as earlier releases wrote it', () => {
    for (const fits of [
      { name: jwe, home: jwe },
      { name: 'Ada', home: { city: 'Berlin' } },
    ])
      expect(person.parse(fits)).toEqual(fits);
  });

  it.each([[{ name: `${jwe.slice(0, -1)}` }], [{ name: 'Ada', home: 'Berlin' }], [{ name: 7 }]])(
    'refuses %j',
    (data) => expect(person.safeParse(data).success).toBe(false),
  );

  it('is masked, whichever form it has', () => {
    expect(masked(person, { name: jwe, home: { city: 'Berlin' } })).toEqual({
      name: '***',
      home: '***',
    });
  });
});

it('text is not taken for an encrypted value', () => {
  for (const text of ['', 'eyJ', 'a.b.c.d.e', jwe.replace('..', '.k.'), `${jwe}\n`, 7, null])
    expect(isEncrypted(text)).toBe(false);
  expect(isEncrypted(jwe)).toBe(true);
});
