import { expect, it } from '@jest/globals';
import type { Finished } from '@waybill/messaging';
import { ChannelCounts, createLog, Metrics, SparseWarnings } from '@waybill/observability';
import { Resilience } from '@waybill/resilience';
import { breakerChecks } from './breaker-checks.ts';
import { channelChecks } from './channel-checks.ts';
import type { DepthReport } from './ops/depths.ts';

const limits = { depth: 1_000, lagMs: 60_000, errorPercent: 20, slowMs: 5_000 };

const waiting = (group: string, depth: number, lagMs: number): DepthReport => ({
  group,
  channels: ['order.events'],
  broker: 'embedded',
  depth,
  lagMs,
});

function scene(depths: readonly DepthReport[] = []) {
  const log = createLog({ service: 'order', level: 'silent' });
  const counts = new ChannelCounts(new Metrics('order'), new SparseWarnings(log));
  const checks = channelChecks({ counts, depths: { read: async () => depths }, limits });
  const finish = (group: string, times: number, more: Partial<Finished> = {}) => {
    for (let i = 0; i < times; i += 1)
      counts.finished({
        group,
        channel: 'order.events',
        type: 'order.placed',
        outcome: 'applied',
        attempt: 0,
        durationMs: 1,
        retried: false,
        failure: null,
        ...more,
      });
  };
  return {
    finish,
    read: async (name: string) => checks.find((each) => each.name === name)?.read(),
  };
}

it('what waits is that of the group with the most, and the oldest that of another', async () => {
  const { read } = scene([waiting('order.mail', 500, 10), waiting('order', 20, 9_000)]);
  expect(await read('depth')).toEqual({ value: 500, about: 'order.mail' });
  expect(await read('lag')).toEqual({ value: 9_000, about: 'order' });
  expect(await scene().read('depth')).toEqual({ value: 0, about: null });
});

it('the error rate is that of the worst group with enough messages to tell', async () => {
  const { read, finish } = scene();
  finish('order.rare', 1, { failure: 'failed', outcome: 'parked' });
  finish('order', 30);
  expect(await read('error-rate')).toEqual({ value: 0, about: null });
  finish('order', 10, { failure: 'failed', outcome: 'parked' });
  expect(await read('error-rate')).toEqual({ value: 25, about: 'order' });
});

it('slow messages are those since the last sample', async () => {
  const { read, finish } = scene();
  finish('order', 30, { durationMs: 9_000 });
  expect(await read('processing-time')).toMatchObject({ about: 'order' });
  finish('order', 30);
  expect(await read('processing-time')).toMatchObject({ value: expect.closeTo(1, 0) });
  expect(await read('processing-time')).toEqual({ value: 0, about: null });
});

it('each external system has a check, which only degrades', () => {
  const resilience = new Resilience();
  resilience.pipeline('carrier north');
  expect(breakerChecks(resilience)).toMatchObject([
    { name: 'breaker-carrier north', degradesOnly: true },
  ]);
});
