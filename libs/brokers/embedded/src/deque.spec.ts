import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Deque } from './deque.ts';

type Step = { readonly do: 'push' | 'insert' | 'shift' | 'drain'; readonly n: number };
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    do: fc.constantFrom<Step['do'][]>('push', 'push', 'push', 'insert', 'shift', 'drain'),
    n: fc.nat(50),
  }),
  { maxLength: 200 },
);

describe('a deque', () => {
  it('does what an array does', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const deque = new Deque<number>();
        let model: number[] = [];
        for (const step of script) {
          if (step.do === 'push') {
            deque.push(step.n);
            model.push(step.n);
          } else if (step.do === 'insert') {
            deque.insert(step.n, (other) => other < step.n);
            const found = model.findIndex((other) => !(other < step.n));
            model.splice(found === -1 ? model.length : found, 0, step.n);
          } else if (step.do === 'shift') {
            expect(deque.shift()).toBe(model.shift());
          } else {
            expect(deque.drain()).toEqual(model);
            model = [];
          }
          expect([...deque]).toEqual(model);
        }
      }),
    );
  });

  it('works on after it was large and empty', () => {
    const deque = new Deque<number>();
    for (let round = 0; round < 3; round += 1) {
      for (let n = 0; n < 3_000; n += 1) deque.push(n);
      for (let n = 0; n < 3_000; n += 1) expect(deque.shift()).toBe(n);
      expect([deque.shift(), deque.length]).toEqual([undefined, 0]);
    }
  });
});
