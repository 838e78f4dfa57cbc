import { describe, expect, it } from '@jest/globals';
import type { Finished } from '@waybill/messaging';
import { ChannelCounts } from './channel-counts.ts';
import { measureChannels } from './channel-metrics.ts';
import { createLog } from './log.ts';
import { Metrics, mergedMetrics } from './metrics.ts';
import { SparseWarnings } from './sparse-warnings.ts';

const finished = (outcome: Finished['outcome'], failure: Finished['failure'] = null): Finished => ({
  group: 'payment',
  type: 'payment.authorize',
  channel: 'payment.commands',
  outcome,
  attempt: 1,
  durationMs: 4,
  retried: false,
  failure,
});

const countsAt = (clock: { now: number }, service = 'payment') => {
  const metrics = new Metrics(service);
  const warnings = new SparseWarnings(createLog({ service, level: 'silent' }));
  const counts = new ChannelCounts(metrics, warnings, () => clock.now * 1_000);
  measureChannels(metrics, counts);
  return { metrics, counts };
};

describe('what a consumer has done', () => {
  it('is counted by channel, group and outcome', () => {
    const { counts } = countsAt({ now: 1_000 });
    for (const outcome of ['applied', 'applied', 'parked', 'dead', 'duplicate'] as const) {
      counts.finished(finished(outcome));
    }
    expect(counts.countsOf('payment.commands', 'payment')).toEqual({
      applied: 2,
      deferred: 1,
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
    for (let i = 0; i < 15; i += 1) counts.finished(finished('parked', 'failed'));
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

  it('tells failed tries from malformed messages, and what is in flight from what was settled', () => {
    const clock = { now: 1_000 };
    const { counts } = countsAt(clock);
    for (let i = 0; i < 5; i += 1) counts.received('payment', 'payment.commands', 100);
    clock.now += 3;
    counts.received('payment', 'payment.commands', 20);
    for (const how of ['acked', 'acked', 'nacked'] as const)
      counts.settled('payment', 'payment.commands', how);
    counts.finished(finished('parked', 'failed'));
    counts.finished({ ...finished('dead', 'failed'), retried: true });
    counts.finished({ ...finished('applied', null), late: true });
    counts.finished(finished('dead', 'malformed'));
    // It waits behind another message of its key, which is no failure.
    counts.finished(finished('parked'));
    expect(counts.trafficOf('payment.commands', 'payment')).toEqual({
      consumed: 6,
      acked: 2,
      nacked: 1,
      failed: 2,
      malformed: 1,
      retried: 1,
      late: 1,
      bytes: 520,
      lastAt: 1_003_000,
    });
  });

  it('is read by Prometheus as it is at that moment', async () => {
    const { counts, metrics } = countsAt({ now: 1_000 });
    const sent = { channel: 'payment.replies', broker: 'embedded', bytes: 70 };
    counts.sent([sent, sent]);
    for (const group of ['payment', 'payment.sweeper'])
      counts.received(group, 'payment.commands', 10);
    counts.settled('payment', 'payment.commands', 'acked');
    for (let reading = 0; reading < 2; reading += 1) {
      const lines = (await metrics.text()).split('\n');
      const sampleOf = (name: string, label: string) =>
        lines.find((line) => line.startsWith(`${name}{`) && line.includes(label))?.split(' ')[1];
      expect(sampleOf('waybill_messages_produced_total', 'channel="payment.replies"')).toBe('2');
      expect(sampleOf('waybill_produced_bytes_total', 'channel="payment.replies"')).toBe('140');
      expect(sampleOf('waybill_messages_acked_total', 'group="payment"')).toBe('1');
      expect(sampleOf('waybill_messages_in_flight', 'group="payment"')).toBe('0');
      expect(sampleOf('waybill_messages_in_flight', 'group="payment.sweeper"')).toBe('1');
    }
  });

  it('tells how long messages take, on average and at worst', async () => {
    const { counts } = countsAt({ now: 1_000 });
    for (let i = 0; i < 99; i += 1) counts.finished({ ...finished('applied'), durationMs: 20 });
    counts.finished({ ...finished('applied'), durationMs: 2_000 });
    const durations = (await counts.durations())('payment.commands', 'payment');
    expect(durations.average()).toBeCloseTo(39.8);
    expect(durations.percentile(0.5)).toBeGreaterThan(10);
    expect(durations.percentile(0.5)).toBeLessThan(25);
    expect(durations.percentile(0.999)).toBeGreaterThan(1_000);
    const both = durations.plus(durations);
    expect([both.count, both.average()]).toEqual([200, durations.average()]);
    const none = (await counts.durations())('payment.commands', 'nobody');
    expect([none.average(), none.percentile(0.5)]).toEqual([null, null]);
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
