import { expect, it } from '@jest/globals';
import { chain, count, filter, map } from './operator.ts';

it('filters, maps and chains events', () => {
  const odd = filter((n: number) => n % 2 === 1);
  const named = chain(
    odd,
    map((n) => `number ${n}`),
  );
  expect([1, 2, 3].flatMap(named)).toEqual(['number 1', 'number 3']);
});

it('numbers the events of a key', () => {
  const first = count<string>()(undefined, 'a');
  expect(first).toEqual({ state: 1, outputs: [{ event: 'a', number: 1 }] });
  expect(count<string>()(first.state, 'b').outputs).toEqual([{ event: 'b', number: 2 }]);
});
