import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { every, systemClock } from './clock.ts';
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

describe('a timer of the machine', () => {
  const day = 86_400_000;
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it.each([1, 2 ** 31 - 1, 2 ** 31, 30 * day, 400 * day])(
    'runs once after %d ms, never before',
    (ms) => {
      let runs = 0;
      systemClock.after(ms, () => {
        runs += 1;
      });
      jest.advanceTimersByTime(ms - 1);
      expect(runs).toBe(0);
      jest.advanceTimersByTime(1);
      expect(runs).toBe(1);
      jest.advanceTimersByTime(60 * day);
      expect(runs).toBe(1);
    },
  );

  it('never runs after an endless time, nor when it was forgotten on the way', () => {
    let runs = 0;
    const run = () => {
      runs += 1;
    };
    const forgetEndless = systemClock.after(Number.POSITIVE_INFINITY, run);
    const forget = systemClock.after(30 * day, run);
    jest.advanceTimersByTime(29 * day);
    forget();
    jest.advanceTimersByTime(60 * day);
    forgetEndless();
    expect([runs, jest.getTimerCount()]).toEqual([0, 0]);
  });
});
