import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  BreakerOpen,
  BulkheadFull,
  bulkhead,
  circuitBreaker,
  failureRate,
  Resilience,
  retry,
  TimedOut,
  timeout,
} from './index.ts';

const fails = () => Promise.reject(new Error('connection reset'));
const works = () => Promise.resolve('answer');
const never = () => new Promise<never>(() => {});

const breaker = () =>
  circuitBreaker({ opensAt: failureRate(0.5, { over: '10s', atLeast: 4 }), staysOpen: '5s' });

beforeEach(() => {
  jest.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  jest.useRealTimers();
});

async function failTimes(
  pipeline: { run(call: () => Promise<unknown>): Promise<unknown> },
  n: number,
) {
  for (let i = 0; i < n; i += 1) await pipeline.run(fails).catch(() => undefined);
}

describe('a circuit breaker', () => {
  it('opens at the failure rate and then refuses without calling', async () => {
    const calls = new Resilience().pipeline('cards', breaker());
    await failTimes(calls, 4);
    expect(calls.state()).toBe('open');
    const call = jest.fn(works);
    await expect(calls.run(call)).rejects.toBeInstanceOf(BreakerOpen);
    expect(call).not.toHaveBeenCalled();
  });

  it('marks its refusal as no attempt, so that nobody loses one by waiting', async () => {
    const calls = new Resilience().pipeline('cards', breaker());
    await failTimes(calls, 4);
    await expect(calls.run(works)).rejects.toMatchObject({
      code: 'circuit_open',
      countsAsAttempt: false,
      message: 'cards is not called: its circuit breaker is open',
    });
  });

  it('stays closed below its least number of calls, and below its rate', async () => {
    const calls = new Resilience().pipeline('cards', breaker());
    await failTimes(calls, 3);
    expect(calls.state()).toBe('closed');
    for (let i = 0; i < 5; i += 1) await calls.run(works);
    await failTimes(calls, 1);
    expect(calls.state()).toBe('closed');
  });

  it('forgets failures older than its window, also after a silence', async () => {
    const calls = new Resilience().pipeline('cards', breaker());
    await failTimes(calls, 3);
    jest.advanceTimersByTime(10_000);
    await failTimes(calls, 1);
    expect(calls.state()).toBe('closed');
  });

  it('closes again when its probe succeeds, and waits again when it fails', async () => {
    const calls = new Resilience().pipeline('cards', breaker());
    await failTimes(calls, 4);
    jest.advanceTimersByTime(5_000);
    await failTimes(calls, 1);
    expect(calls.state()).toBe('open');
    jest.advanceTimersByTime(5_000);
    await expect(calls.run(works)).resolves.toBe('answer');
    expect(calls.state()).toBe('closed');
  });

  it('counts only what is the fault of the dependency', async () => {
    const calls = new Resilience().pipeline('cards', breaker());
    const refused = () =>
      Promise.reject(Object.assign(new Error('bad request'), { retriable: false }));
    for (let i = 0; i < 10; i += 1) await calls.run(refused).catch(() => undefined);
    expect(calls.state()).toBe('closed');
  });

  it('tells listeners of each change', async () => {
    const resilience = new Resilience();
    const heard: string[] = [];
    resilience.listen({
      stateChanged: (pipeline, state) => heard.push(`${pipeline.name} ${state}`),
    });
    const calls = resilience.pipeline('cards', breaker());
    await failTimes(calls, 4);
    jest.advanceTimersByTime(5_000);
    await calls.run(works);
    expect(heard).toEqual(['cards open', 'cards half-open', 'cards closed']);
  });
});

describe('a timeout', () => {
  it('ends a call that ignores its signal, as an error that may be retried', async () => {
    const calls = new Resilience().pipeline('cards', timeout('5s'));
    const outcome = expect(calls.run(never)).rejects.toMatchObject({
      code: 'timed_out',
      retriable: true,
    });
    await jest.advanceTimersByTimeAsync(5_000);
    await outcome;
  });

  it('aborts the signal of the call, and reports the time-out whatever the call then throws', async () => {
    const calls = new Resilience().pipeline('cards', timeout('5s'));
    const call = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('socket closed')));
      });
    const outcome = expect(calls.run(call)).rejects.toBeInstanceOf(TimedOut);
    await jest.advanceTimersByTimeAsync(5_000);
    await outcome;
  });

  it('passes on the error of a call that fails in time', async () => {
    const calls = new Resilience().pipeline('cards', timeout('5s'));
    await expect(calls.run(fails)).rejects.toThrow('connection reset');
    expect(jest.getTimerCount()).toBe(0);
  });

  it('counts for the breaker around it', async () => {
    const calls = new Resilience().pipeline('cards', breaker(), timeout('1s'));
    for (let i = 0; i < 4; i += 1) {
      const outcome = calls.run(never).catch(() => undefined);
      await jest.advanceTimersByTimeAsync(1_000);
      await outcome;
    }
    expect(calls.state()).toBe('open');
  });
});

describe('a bulkhead', () => {
  it('lets some calls run, some wait, and refuses the rest without counting an attempt', async () => {
    const calls = new Resilience().pipeline('cards', bulkhead({ calls: 1, queue: 1 }));
    let finish: (value: string) => void = () => {};
    const running = calls.run(
      () =>
        new Promise<string>((resolve) => {
          finish = resolve;
        }),
    );
    const waiting = calls.run(works);
    await expect(calls.run(works)).rejects.toBeInstanceOf(BulkheadFull);
    await expect(calls.run(works)).rejects.toMatchObject({ countsAsAttempt: false });
    expect(calls.inFlight()).toBe(2);
    finish('first');
    await expect(running).resolves.toBe('first');
    await expect(waiting).resolves.toBe('answer');
    expect(calls.inFlight()).toBe(0);
  });
});

describe('a retry', () => {
  const three = () => retry({ attempts: 3, first: '100ms', longest: '1s' });

  it('repeats a transient failure up to its attempts', async () => {
    const calls = new Resilience().pipeline('cards', three());
    const call = jest.fn(fails);
    const outcome = expect(calls.run(call)).rejects.toThrow('connection reset');
    await jest.advanceTimersByTimeAsync(10_000);
    await outcome;
    expect(call).toHaveBeenCalledTimes(3);
  });

  it('ends early when the breaker inside it opens', async () => {
    const calls = new Resilience().pipeline('cards', three(), breaker());
    const call = jest.fn(fails);
    const first = expect(calls.run(call)).rejects.toThrow('connection reset');
    await jest.advanceTimersByTimeAsync(3_000);
    await first;
    const second = expect(calls.run(call)).rejects.toBeInstanceOf(BreakerOpen);
    await jest.advanceTimersByTimeAsync(3_000);
    await second;
    expect(call).toHaveBeenCalledTimes(4);
  });
});

describe('Resilience', () => {
  it('lists its pipelines, and refuses two of one name', () => {
    const resilience = new Resilience();
    const cards = resilience.pipeline('cards', timeout('1s'));
    expect(resilience.pipelines()).toEqual([cards]);
    expect(() => resilience.pipeline('cards')).toThrow('already a pipeline "cards"');
  });

  it('tells how each call ended, until the listener leaves', async () => {
    const resilience = new Resilience();
    const endings: string[] = [];
    const leave = resilience.listen({ called: (_, ending) => endings.push(ending) });
    const calls = resilience.pipeline('cards', breaker());
    await calls.run(works);
    await failTimes(calls, 2);
    await calls.run(works).catch(() => undefined);
    leave();
    await calls.run(works).catch(() => undefined);
    expect(endings).toEqual(['ok', 'failed', 'failed', 'ok']);
  });
});
