import { expect, it } from '@jest/globals';
import { givenOrderId } from './values.ts';

it('the id of an order is in small letters, whichever way it was written', () => {
  const id = '019a9c40-0000-7000-8000-00000000abcd';
  expect(givenOrderId.parse(id.toUpperCase())).toBe(id);
  for (const bad of ['', 'x', `{${id}}`, id.replaceAll('-', '')]) {
    expect(givenOrderId.safeParse(bad).success).toBe(false);
  }
});
