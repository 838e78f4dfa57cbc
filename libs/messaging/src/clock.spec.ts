import { describe, expect, it } from '@jest/globals';
import { every } from './clock.ts';
import { HandClock } from './testing/hand-clock.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a task that is done again and again', () => {
  it('is done after each span, one at a time, whatever fails, until it is ended', async () => {
    const clock = new HandClock();
    const failures: unknown[] = [];
    let done = 0;
    let finish = (): void => {};
    const task = () => {
      done += 1;
      if (done === 1) return Promise.reject(new Error('away'));
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    };
    const end = every(clock, 1_000, task, (error) => failures.push(error));
    clock.advance(999);
    expect(done).toBe(0);
    clock.advance(1);
    await settled();
    expect(failures).toEqual([new Error('away')]);
    clock.advance(1_000);
    clock.advance(5_000);
    expect(done).toBe(2);
    finish();
    await settled();
    clock.advance(1_000);
    expect(done).toBe(3);
    end();
    finish();
    await settled();
    clock.advance(5_000);
    expect(done).toBe(3);
  });
});
