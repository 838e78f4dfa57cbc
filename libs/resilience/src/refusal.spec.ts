import { expect, it } from '@jest/globals';
import { Refusal } from './refusal.ts';

class Full extends Refusal {}

it('a refusal says what it is about and where it came from, and carries no stack', () => {
  const cause = new Error('why');
  const refused = new Full('come again', { cause });
  expect(refused).toMatchObject({ message: 'come again', cause });
  expect(refused).toBeInstanceOf(Error);
  expect(refused.stack).not.toContain('\n');
});

it('errors after it have theirs', () => {
  void new Full('come again');
  expect(new Error('after').stack).toContain('refusal.spec');
});
