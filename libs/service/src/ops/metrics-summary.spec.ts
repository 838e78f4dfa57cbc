import { describe, expect, it } from '@jest/globals';
import { summaryOf } from './metrics-summary.ts';
import type { ConsumedReport, ProducedReport, ServiceMetrics } from './service-metrics.ts';

const now = new Date('2026-11-30T12:00:00.000Z');
const consumed = (more: Partial<ConsumedReport> = {}): ConsumedReport => ({
  channel: 'payment.commands',
  group: 'payment',
  kind: 'command',
  broker: 'rabbitmq',
  consumed: 10,
  acked: 7,
  nacked: 1,
  failed: 1,
  malformed: 0,
  retried: 1,
  late: 2,
  dead: 0,
  bytes: 1_000,
  lastAt: now.getTime() - 5_000,
  perSecond: 2,
  errorRate: 0.5,
  durations: {
    count: 10,
    sumSeconds: 1,
    buckets: [
      [0.1, 10],
      [null, 10],
    ],
  },
  depth: 3,
  lagMs: 200,
  sharesDepth: false,
  ...more,
});
const produced = (more: Partial<ProducedReport> = {}): ProducedReport => ({
  channel: 'payment.commands',
  kind: 'command',
  broker: 'rabbitmq',
  produced: 12,
  bytes: 1_200,
  perSecond: 1,
  lastAt: now.getTime(),
  ...more,
});
const process = (service: string, more: Partial<ServiceMetrics>): ServiceMetrics => ({
  service,
  startedAt: '2026-11-30T11:00:00.000Z',
  produced: [],
  consumed: [],
  ...more,
});
const summary = (...processes: ServiceMetrics[]) => summaryOf(processes, [], now);

describe('the numbers of a system', () => {
  it('add up over the replicas of a service, which share a queue', () => {
    const { channels, totals, services } = summary(
      process('payment', { consumed: [consumed()] }),
      process('payment', {
        startedAt: '2026-11-30T11:59:00.000Z',
        consumed: [consumed({ perSecond: 6, errorRate: 0, depth: 4 })],
      }),
      process('order', { produced: [produced()] }),
    );
    expect(channels).toHaveLength(1);
    expect(channels[0]).toMatchObject({ produced: 12, lastProducedAt: now.toISOString() });
    expect(channels[0]?.subscriptions).toEqual([
      expect.objectContaining({
        service: 'payment',
        consumed: 20,
        inFlight: 4,
        perSecond: 8,
        successRate: 0.875,
        depth: 4,
        averageMs: 100,
        lastMessageAt: '2026-11-30T11:59:55.000Z',
      }),
    ]);
    expect(totals).toMatchObject({ produced: 12, consumed: 20, depth: 4, activeChannels: 1 });
    expect(services).toContainEqual({
      service: 'payment',
      processes: 2,
      startedAt: '2026-11-30T11:00:00.000Z',
      uptimeSeconds: 3_600,
    });
  });

  it('count a queue that gets several channels once', () => {
    const shared = { depth: 5, sharesDepth: true };
    const { totals } = summary(
      process('payment', {
        consumed: [consumed(shared), consumed({ ...shared, channel: 'order.events' })],
      }),
    );
    expect([totals.depth, totals.channels]).toEqual([5, 2]);
  });

  it('say that all went well while nothing happened, and nothing of what nobody knows', () => {
    const idle = { perSecond: 0, errorRate: 0, lastAt: null, depth: null, lagMs: null };
    const nothing = { count: 0, sumSeconds: 0, buckets: [] };
    const { totals, channels } = summary(
      process('payment', { consumed: [consumed({ ...idle, durations: nothing })] }),
    );
    expect(totals).toMatchObject({ successRate: 1, activeChannels: 0 });
    expect(channels[0]?.subscriptions[0]).toMatchObject({
      lastMessageAt: null,
      averageMs: null,
      p99Ms: null,
      depth: null,
    });
    expect(summary().totals).toMatchObject({ consumed: 0, channels: 0, successRate: 1 });
  });

  it('do not add up what waits while a broker does not report its part', () => {
    const known = process('payment', { consumed: [consumed()] });
    const away = consumed({ channel: 'order.events', depth: null, lagMs: null });
    const { totals } = summary(known, process('analytics', { consumed: [away] }));
    expect(totals).toMatchObject({ depth: null, oldestMs: null });
    const replica = process('payment', { consumed: [consumed({ depth: null, lagMs: null })] });
    expect(summary(known, replica).totals).toMatchObject({ depth: 3, oldestMs: 200 });
  });
});
