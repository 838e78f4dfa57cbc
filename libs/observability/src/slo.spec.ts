import { describe, expect, it } from '@jest/globals';
import { Slo } from './slo.ts';

/** A goal of 99 % whose clock the test advances, by minutes. */
function scene() {
  const clock = { minutes: 30_000_000 };
  const slo = new Slo('orders', 0.99, () => clock.minutes * 60_000);
  const add = (good: number, bad: number) => {
    for (let i = 0; i < good + bad; i += 1) slo.add(i < good);
  };
  const read = () => slo.checks().map(({ read }) => read());
  return { clock, slo, add, read };
}

describe('a goal', () => {
  it('burns its budget as fast as it lasts when exactly as many are bad as may be', () => {
    const { slo, add } = scene();
    add(99, 1);
    expect(slo.burnRate(60)).toBeCloseTo(1);
  });

  it('raises the fast alarm, and the slow one later, only while it still burns', () => {
    const { clock, add, read } = scene();
    add(80, 20);
    expect(read()).toEqual([20, 20]);
    clock.minutes += 10;
    add(100, 0);
    // The last five minutes were good, the last half hour was not.
    expect(read()).toEqual([0, 10]);
    clock.minutes += 35;
    add(100, 0);
    expect(read()).toEqual([0, 0]);
  });

  it('forgets after six hours', () => {
    const { clock, slo, add } = scene();
    add(0, 30);
    clock.minutes += 359;
    expect(slo.burnRate(360)).toBeCloseTo(100);
    clock.minutes += 1;
    expect(slo.burnRate(360)).toBe(0);
  });

  it('takes over what an earlier process has seen, and adds to it', () => {
    const { clock, slo, add } = scene();
    add(80, 20);
    clock.minutes += 5;
    add(0, 10);
    const next = scene();
    next.clock.minutes = clock.minutes;
    next.add(10, 0);
    next.slo.restore(slo.recent(360));
    expect(next.slo.recent(360)).toEqual([
      { minute: clock.minutes - 5, all: 100, bad: 20 },
      { minute: clock.minutes, all: 20, bad: 10 },
    ]);
    expect(next.slo.burnRate(5)).toBeCloseTo(50);
    expect(next.slo.burnRate(60)).toBeCloseTo(25);
    next.slo.restore([{ minute: clock.minutes - 360, all: 1_000, bad: 1_000 }]);
    expect(next.slo.burnRate(360)).toBeCloseTo(25);
  });

  it('is judged by what other processes have counted, too', () => {
    const { clock, slo, add, read } = scene();
    add(10, 0);
    slo.learn([{ minute: clock.minutes - 1, all: 100, bad: 50 }]);
    slo.learn([{ minute: clock.minutes - 1, all: 10, bad: 2 }]);
    expect(slo.burnRate(5)).toBeCloseTo(10);
    expect(slo.recent(5)).toEqual([{ minute: clock.minutes, all: 10, bad: 0 }]);
    expect(read()).toEqual([10, 10]);
    clock.minutes += 4;
    expect(slo.burnRate(5)).toBe(0);
  });

  it('is judged by enough of them only', () => {
    const { add, read } = scene();
    add(0, 19);
    expect(read()).toEqual([0, 0]);
    add(0, 1);
    expect(read()).toEqual([100, 100]);
  });
});
