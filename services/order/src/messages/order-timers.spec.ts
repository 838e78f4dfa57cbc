import { describe, expect, it } from '@jest/globals';
import type { Submitter } from '@waybill/messaging';
import { HandClock } from '@waybill/messaging/testing';
import type { SagaRepository } from '@waybill/saga';
import { createLog } from '@waybill/service';
import { OrderTimers } from './order-timers.ts';

/** The timers of a service in whose database these sagas are in flight; `looks` are their looks for due ones. */
function scene(inFlight: SagaRepository['inFlight'] = async () => []) {
  const clock = new HandClock();
  const lines: string[] = [];
  const looks: number[] = [];
  const due = async (limit: number) => {
    looks.push(limit);
    return [];
  };
  const timers = new OrderTimers(
    { inFlight, due } as unknown as SagaRepository,
    {} as Submitter,
    clock,
    createLog({ service: 'order', level: 'info', write: (line) => lines.push(line) }),
  );
  const pass = async (ms: number) => {
    clock.advance(ms);
    for (let turn = 0; turn < 10; turn += 1) await new Promise((next) => setImmediate(next));
  };
  return { timers, looks, lines, pass };
}

describe('the timers of the sagas', () => {
  it('look for due ones each second from the start of the service to its end', async () => {
    const { timers, looks, pass } = scene();

    await pass(10_000);
    expect(looks).toEqual([]);
    await timers.onApplicationBootstrap();
    await pass(1_000);
    await pass(1_000);
    expect(looks).toHaveLength(2);

    await timers.onApplicationShutdown();
    await pass(10_000);
    expect(looks).toHaveLength(2);
  });

  it('do not start in a release that lacks a step which a saga is at', async () => {
    const gone = { saga: 'place-order', definitionVersion: 1, step: 'gift-wrap' };
    const { timers, looks, pass } = scene(async () => [gone]);

    await expect(timers.onApplicationBootstrap()).rejects.toThrow(/gift-wrap/);
    await pass(10_000);
    expect(looks).toEqual([]);
  });

  it('start although the database is away', async () => {
    const { timers, looks, lines, pass } = scene(() => Promise.reject(new Error('ECONNREFUSED')));

    await timers.onApplicationBootstrap();
    await pass(1_000);
    expect(looks).toHaveLength(1);
    expect(lines.join()).toContain('could not be checked');
  });
});
