import { describe, expect, it } from '@jest/globals';
import type { Finished } from '@waybill/messaging';
import { ChannelCounts } from './channel-counts.ts';
import { createLog } from './log.ts';
import { Metrics, mergedMetrics } from './metrics.ts';
import { SparseWarnings } from './sparse-warnings.ts';

const finished = (outcome: Finished['outcome']): Finished => ({
  group: 'payment',
  type: 'payment.authorize',
  channel: 'payment.commands',
  outcome,
  attempt: 1,
  durationMs: 4,
});

const countsAt = (clock: { now: number }, service = 'payment') => {
  const metrics = new Metrics(service);
  const warnings = new SparseWarnings(createLog({ service, level: 'silent' }));
  return { metrics, counts: new ChannelCounts(metrics, warnings, () => clock.now) };
};

describe('what a consumer has done', () => {
  it('is counted by channel, group and outcome', () => {
    const { counts } = countsAt({ now: 1_000 });
    for (const outcome of ['applied', 'applied', 'parked', 'dead', 'duplicate'] as const) {
      counts.finished(finished(outcome));
    }
    expect(counts.countsOf('payment.commands', 'payment')).toEqual({
      applied: 2,
      parked: 1,
      dead: 1,
      duplicate: 1,
      discarded: 0,
    });
  });

  it('gives rates over the last minute', () => {
    const clock = { now: 1_000 };
    const { counts } = countsAt(clock);
    for (let i = 0; i < 45; i += 1) counts.finished(finished('applied'));
    clock.now += 30;
    for (let i = 0; i < 15; i += 1) counts.finished(finished('parked'));
    expect(counts.ratesOf('payment.commands', 'payment')).toEqual({
      perSecond: 1,
      errorRate: 0.25,
    });
    clock.now += 31;
    expect(counts.ratesOf('payment.commands', 'payment')).toEqual({
      perSecond: 0.25,
      errorRate: 1,
    });
    clock.now += 60;
    expect(counts.ratesOf('payment.commands', 'payment')).toEqual({ perSecond: 0, errorRate: 0 });
  });

  it('is one text for all services of a process, each family once', async () => {
    const both = ['payment', 'order'].map((service) => countsAt({ now: 1 }, service));
    for (const { counts } of both) counts.finished(finished('applied'));
    const text = await mergedMetrics(both.map(({ metrics }) => metrics));
    expect(text.match(/# TYPE waybill_messages_total counter/g)).toHaveLength(1);
    expect(text).toMatch(/waybill_messages_total\{.*service="payment".*\} 1/);
    expect(text).toMatch(/waybill_messages_total\{.*service="order".*\} 1/);
  });
});
