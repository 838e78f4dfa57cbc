import { once } from 'node:events';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Running, runProcess } from './run-process.ts';

/** Stands for the end of the process: code after it never runs. */
const ends = new Promise<never>(() => {});
let output: string;
let ended: Promise<number>;
const { send } = process;

beforeEach(() => {
  output = '';
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  // The parent process of the tests does not expect messages.
  delete process.send;
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    output += String(text);
    return true;
  });
  ended = new Promise((resolve) => {
    jest.spyOn(process, 'exit').mockImplementation((code) => {
      resolve(Number(code));
      return ends as never;
    });
  });
});

afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP', 'disconnect'])
    process.removeAllListeners(name);
  if (send) process.send = send;
});

const signal = (): boolean => process.emit('SIGTERM');
const running = (over: Partial<Running> = {}) => ({ url: null, close: async () => {}, ...over });

describe('the life of a process', () => {
  it('ends in order at a signal, once it has closed', async () => {
    let closed = false;
    const close = async () => {
      closed = true;
    };
    await runProcess('shop', async () => running({ close }));
    signal();
    expect([await ended, closed, output]).toEqual([0, true, '']);
  });

  it('ends in order when it is told to before it has started', async () => {
    let closed = false;
    const close = async () => {
      closed = true;
    };
    void runProcess('shop', async ({ stopped }) => {
      await once(stopped, 'abort');
      return running({ close });
    });
    signal();
    expect([await ended, closed, output]).toEqual([0, true, '']);
  });

  it('gives up a start that nobody needs any more', async () => {
    void runProcess('shop', async ({ stopped }) => {
      await once(stopped, 'abort');
      throw stopped.reason;
    });
    signal();
    expect([await ended, output]).toEqual([0, '']);
  });

  it('ends within ten seconds, however long closing takes', async () => {
    await runProcess('shop', async () => running({ close: () => ends }));
    signal();
    jest.advanceTimersByTime(10_000);
    expect([await ended, output]).toEqual([1, 'shop: not stopped after 9800 ms\n']);
  });

  it('leaves before it closes, and has its time for closing after that', async () => {
    let away = (): void => {};
    const steps: string[] = [];
    const leave = () => {
      steps.push('leaves');
      return new Promise<void>((resolve) => {
        away = resolve;
      });
    };
    const close = () => {
      steps.push('closes');
      return ends;
    };
    await runProcess('shop', async () => running({ leave, close }));
    signal();
    await new Promise(setImmediate);
    jest.advanceTimersByTime(60_000);
    expect([steps, output]).toEqual([['leaves'], '']);
    away();
    await new Promise(setImmediate);
    expect([steps, output]).toEqual([['leaves', 'closes'], '']);
    jest.advanceTimersByTime(10_000);
    expect([await ended, output]).toEqual([1, 'shop: not stopped after 9800 ms\n']);
  });

  it('ends at once at the second signal', async () => {
    await runProcess('shop', async () => running({ close: () => ends }));
    signal();
    signal();
    expect([await ended, output]).toEqual([1, '']);
  });

  it.each<[string, () => Promise<Running>]>([
    ['a start', () => Promise.reject(new Error('no room'))],
    ['what cannot go on', async () => running({ failed: Promise.resolve(new Error('no room')) })],
    ['a stop', async () => running({ close: () => Promise.reject(new Error('no room')) })],
  ])('tells of %s that fails in one line', async (_, start) => {
    void runProcess('shop', start);
    setImmediate(signal);
    expect([await ended, output]).toEqual([1, 'shop: no room\n']);
  });
});
