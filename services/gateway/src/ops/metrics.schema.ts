import { instant, kinds } from '@waybill/contracts';
import { z } from 'zod';
import { missing } from './operations.schema.ts';

const count = z.int().min(0);
const perSecond = z.number().min(0).meta({ description: 'Of the last minute' });
const milliseconds = z.number().min(0).nullable();

const traffic = {
  consumed: count.meta({ description: 'Delivered by the broker' }),
  acked: count,
  nacked: count.meta({ description: 'Given back, or taken away with their partition' }),
  failed: count.meta({ description: 'Tries that failed, without malformed messages' }),
  malformed: count.meta({ description: 'Unreadable, or with data that break the schema' }),
  dead: count,
  late: count.meta({ description: 'Events that came too late for windows and sessions' }),
  retried: count.meta({ description: 'Tries of messages that had failed before' }),
  inFlight: count.meta({ description: 'Delivered, and not settled yet' }),
  perSecond,
  successRate: z.number().min(0).max(1).meta({ description: 'Of the last minute' }),
};

const produced = { produced: count, producedBytes: count, producedPerSecond: perSecond };

const subscription = z.strictObject({
  service: z.string(),
  group: z.string(),
  ...traffic,
  bytes: count,
  lastMessageAt: instant.nullable(),
  averageMs: milliseconds.meta({ description: 'From the arrival of a message to its commit' }),
  p50Ms: milliseconds.meta({ description: 'Percentiles are estimated within their bucket' }),
  p95Ms: milliseconds,
  p99Ms: milliseconds,
  depth: count
    .nullable()
    .meta({ description: 'Of the queue of the group, which may get several channels' }),
  lagMs: milliseconds,
});

/** Counts and rates of every channel, and of the system. */
export const metricsAnswer = z
  .strictObject({
    at: instant,
    services: z.array(
      z.strictObject({
        service: z.string(),
        processes: z.int().min(1),
        startedAt: instant,
        uptimeSeconds: z.number().min(0),
      }),
    ),
    totals: z.strictObject({
      ...produced,
      ...traffic,
      consumedBytes: count,
      depth: count
        .nullable()
        .meta({ description: 'Null while a broker does not report what waits there' }),
      oldestMs: milliseconds,
      channels: count,
      activeChannels: count.meta({ description: 'With a message in the last minute' }),
    }),
    channels: z.array(
      z.strictObject({
        channel: z.string(),
        kind: z.enum(kinds),
        broker: z.string(),
        ...produced,
        lastProducedAt: instant.nullable(),
        subscriptions: z.array(subscription),
      }),
    ),
    missing,
  })
  .meta({ id: 'MetricsSummary' });
