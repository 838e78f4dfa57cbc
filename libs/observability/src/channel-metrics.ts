import { type ChannelCounts, happened, type Traffic } from './channel-counts.ts';
import type { Metrics } from './metrics.ts';

const subscription = ['channel', 'group'] as const;
const publishing = ['channel', 'broker'] as const;

type Counted = Exclude<keyof Traffic, 'lastAt'>;

const ofTraffic: Readonly<Record<Counted, readonly [name: string, help: string]>> = {
  consumed: ['waybill_messages_consumed_total', 'Messages that a broker has delivered to a group'],
  acked: ['waybill_messages_acked_total', 'Deliveries that were acked'],
  nacked: [
    'waybill_messages_nacked_total',
    'Deliveries that were not handled: given back, or taken away with their partition',
  ],
  failed: ['waybill_messages_failed_total', 'Tries that failed, without malformed messages'],
  malformed: [
    'waybill_messages_malformed_total',
    'Messages that are unreadable, or whose data break the schema',
  ],
  retried: ['waybill_messages_retried_total', 'Tries of messages that had failed before'],
  late: ['waybill_messages_late_total', 'Events that came too late to have an effect'],
  bytes: ['waybill_message_bytes_total', 'Bytes of the messages that were delivered'],
};

/**
 * Shows the counts of channels as Prometheus metrics. They are set when metrics are collected, because counters would look up their
 * labels with each message.
 */
export function measureChannels(metrics: Metrics, counts: ChannelCounts): void {
  measureConsumed(metrics, counts);
  measureProduced(metrics, counts);
}

function measureConsumed(metrics: Metrics, counts: ChannelCounts): void {
  metrics.counter({
    name: 'waybill_messages_total',
    help: 'Messages that a group has finished, by outcome: applied, duplicate, deferred, dead or discarded',
    labelNames: [...subscription, 'type', 'outcome'] as const,
    collect() {
      this.reset();
      for (const { channel, group, byType } of counts.subscriptions())
        for (const [type, ofType] of byType)
          for (const [outcome, count] of happened(ofType))
            this.inc({ channel, group, type, outcome }, count);
    },
  });
  for (const [field, [name, help]] of Object.entries(ofTraffic)) {
    metrics.counter({
      name,
      help,
      labelNames: subscription,
      collect() {
        this.reset();
        for (const { channel, group, traffic } of counts.subscriptions())
          this.inc({ channel, group }, traffic[field as Counted]);
      },
    });
  }
  metrics.gauge({
    name: 'waybill_messages_in_flight',
    help: 'Messages that were delivered to this process and are not settled',
    labelNames: subscription,
    collect() {
      for (const { channel, group, traffic } of counts.subscriptions())
        this.set({ channel, group }, traffic.consumed - traffic.acked - traffic.nacked);
    },
  });
  metrics.gauge({
    name: 'waybill_last_message_timestamp_seconds',
    help: 'When a group has received its last message of a channel',
    labelNames: subscription,
    collect() {
      for (const { channel, group, traffic } of counts.subscriptions())
        if (traffic.lastAt !== null) this.set({ channel, group }, traffic.lastAt / 1_000);
    },
  });
}

function measureProduced(metrics: Metrics, counts: ChannelCounts): void {
  metrics.counter({
    name: 'waybill_messages_produced_total',
    help: 'Messages committed to the outbox and handed to the relay, or published without one',
    labelNames: publishing,
    collect() {
      this.reset();
      for (const { channel, broker, produced } of counts.productions())
        this.inc({ channel, broker }, produced);
    },
  });
  metrics.counter({
    name: 'waybill_produced_bytes_total',
    help: 'Bytes of the messages that were published',
    labelNames: publishing,
    collect() {
      this.reset();
      for (const { channel, broker, bytes } of counts.productions())
        this.inc({ channel, broker }, bytes);
    },
  });
}
