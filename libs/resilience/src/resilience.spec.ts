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

  it('opens at exactly its rate and its least number of calls', async () => {
    const calls = new Resilience().pipeline('cards', breaker());
    for (let i = 0; i < 2; i += 1) await calls.run(works);
    await failTimes(calls, 1);
    expect(calls.state()).toBe('closed');
    await failTimes(calls, 1);
    expect(calls.state()).toBe('open');
  });

  // Its window of 10 s has ten slots of one second; the test starts at the edge of a slot.
  it.each([
    [1_000, 'open'],
    [9_999, 'open'],
    [10_000, 'closed'],
    [10_500, 'closed'],
    [13_700, 'closed'],
    [19_999, 'closed'],
    [20_000, 'closed'],
    [86_400_500, 'closed'],
  ])('%i ms after three failures one more leaves it %s', async (later, state) => {
    const calls = new Resilience().pipeline('cards', breaker());
    await failTimes(calls, 3);
    jest.advanceTimersByTime(later);
    await failTimes(calls, 1);
    expect(calls.state()).toBe(state);
  });

  it('forgets the older of two bursts before the newer', async () => {
    const calls = new Resilience().pipeline('cards', breaker());
    await failTimes(calls, 2);
    jest.advanceTimersByTime(6_500);
    await failTimes(calls, 1);
    jest.advanceTimersByTime(6_000);
    await failTimes(calls, 2);
    expect(calls.state()).toBe('closed');
    await failTimes(calls, 1);
    expect(calls.state()).toBe('open');
  });

  it('forgets calls that went well like those that failed', async () => {
    const calls = new Resilience().pipeline('cards', breaker());
    for (let i = 0; i < 10; i += 1) await calls.run(works);
    jest.advanceTimersByTime(12_500);
    await failTimes(calls, 4);
    expect(calls.state()).toBe('open');
  });

  it('counts nothing of a time that has not come, when the clock was set back', async () => {
    const calls = new Resilience().pipeline('cards', breaker());
    await failTimes(calls, 3);
    jest.setSystemTime(496_500);
    await failTimes(calls, 1);
    expect(calls.state()).toBe('closed');
    await failTimes(calls, 3);
    expect(calls.state()).toBe('open');
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

  it('counts anew once it has closed', async () => {
    const calls = new Resilience().pipeline('cards', breaker());
    await failTimes(calls, 4);
    jest.advanceTimersByTime(5_000);
    await calls.run(works);
    await failTimes(calls, 2);
    expect(calls.state()).toBe('closed');
    await failTimes(calls, 1);
    expect(calls.state()).toBe('open');
  });

  it('lets one probe through, for which calls that come meanwhile wait', async () => {
    const calls = new Resilience().pipeline('cards', breaker());
    await failTimes(calls, 4);
    jest.advanceTimersByTime(4_999);
    await expect(calls.run(works)).rejects.toBeInstanceOf(BreakerOpen);
    jest.advanceTimersByTime(1);
    let fail: () => void = () => {};
    const probe = jest.fn(
      () =>
        new Promise<never>((_, reject) => {
          fail = () => reject(new Error('connection reset'));
        }),
    );
    const probing = calls.run(probe).catch(() => 'failed');
    const call = jest.fn(works);
    const behind = calls.run(call).catch((error: unknown) => error);
    await jest.advanceTimersByTimeAsync(0);
    expect(call).not.toHaveBeenCalled();
    fail();
    expect(await probing).toBe('failed');
    expect(await behind).toBeInstanceOf(BreakerOpen);
    expect(probe).toHaveBeenCalledTimes(1);
    expect(call).not.toHaveBeenCalled();
  });

  it('does not count what a bulkhead inside it refused', async () => {
    const calls = new Resilience().pipeline('cards', breaker(), bulkhead({ calls: 1, queue: 0 }));
    const stuck = calls.run(never);
    for (let i = 0; i < 10; i += 1) {
      await expect(calls.run(works)).rejects.toBeInstanceOf(BulkheadFull);
    }
    expect(calls.state()).toBe('closed');
    expect(stuck).toBeInstanceOf(Promise);
  });

  it('counts only what is the fault of the dependency', async () => {
    const calls = new Resilience().pipeline('cards', breaker());
    const refused = () =>
      Promise.reject(Object.assign(new Error('bad request'), { retriable: false }));
    for (let i = 0; i < 10; i += 1) await calls.run(refused).catch(() => undefined);
    expect(calls.state()).toBe('closed');
  });

  it('counts what it is told to, and that alone', async () => {
    const calls = new Resilience().pipeline(
      'cards',
      circuitBreaker({
        opensAt: failureRate(0.5, { over: '10s', atLeast: 2 }),
        staysOpen: '5s',
        counts: (error) => (error as Error).message === 'busy',
      }),
    );
    await failTimes(calls, 5);
    expect(calls.state()).toBe('closed');
    for (let i = 0; i < 5; i += 1) {
      await calls.run(() => Promise.reject(new Error('busy'))).catch(() => undefined);
    }
    expect(calls.state()).toBe('open');
  });

  it('tells listeners of each change', async () => {
    const resilience = new Resilience();
    const received: string[] = [];
    resilience.listen({
      stateChanged: (pipeline, state) => received.push(`${pipeline.name} ${state}`),
    });
    const calls = resilience.pipeline('cards', breaker());
    await failTimes(calls, 4);
    jest.advanceTimersByTime(5_000);
    await calls.run(works);
    expect(received).toEqual(['cards open', 'cards half-open', 'cards closed']);
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

  it('is not told of a call that its caller has ended', async () => {
    const calls = new Resilience().pipeline('cards', timeout('5s'));
    const leaving = new AbortController();
    const call = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('the caller has left')));
      });
    const outcome = expect(calls.run(call, leaving.signal)).rejects.toThrow('the caller has left');
    leaving.abort();
    await outcome;
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

  it('does not repeat what another attempt cannot help', async () => {
    const calls = new Resilience().pipeline('cards', three());
    const declined = Object.assign(new Error('declined'), { retriable: false });
    const call = jest.fn(() => Promise.reject(declined));
    await expect(calls.run(call)).rejects.toBe(declined);
    expect(call).toHaveBeenCalledTimes(1);
  });

  it('repeats what it is told to, and that alone', async () => {
    const when = (error: unknown) => (error as Error).message === 'busy';
    const options = { attempts: 3, first: '100ms', longest: '1s', when } as const;
    const calls = new Resilience().pipeline('cards', retry(options));
    const busy = jest.fn(() => Promise.reject(new Error('busy')));
    const outcome = expect(calls.run(busy)).rejects.toThrow('busy');
    await jest.advanceTimersByTimeAsync(10_000);
    await outcome;
    expect(busy).toHaveBeenCalledTimes(3);
    const call = jest.fn(fails);
    await expect(calls.run(call)).rejects.toThrow('connection reset');
    expect(call).toHaveBeenCalledTimes(1);
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
    const calls = resilience.pipeline('cards', breaker(), timeout('1s'));
    await calls.run(works);
    await failTimes(calls, 2);
    const late = calls.run(never).catch(() => undefined);
    await jest.advanceTimersByTimeAsync(1_000);
    await late;
    await calls.run(works).catch(() => undefined);
    expect(endings).toEqual(['ok', 'failed', 'failed', 'timed_out', 'refused']);
    expect(calls.inFlight()).toBe(0);
    leave();
    await calls.run(works).catch(() => undefined);
    expect(endings).toHaveLength(5);
  });
});
