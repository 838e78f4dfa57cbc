import type { Relay } from '@waybill/messaging';
import type { Metrics } from './metrics.ts';

/** The same relay, counting what goes out by channel. */
export function countedRelay(relay: Relay, metrics: Metrics): Relay {
  const produced = metrics.counter({
    name: 'waybill_messages_produced_total',
    help: 'Messages committed to the outbox and handed to the relay',
    labelNames: ['channel', 'broker'] as const,
  });
  const series = new Map<string, ReturnType<typeof produced.labels>>();
  const count = (channel: string, broker: string): void => {
    const name = `${broker} ${channel}`;
    let one = series.get(name);
    if (!one) {
      one = produced.labels(channel, broker);
      series.set(name, one);
    }
    one.inc();
  };
  return {
    offer(rows, seqs) {
      for (const row of rows) count(row.channel, row.broker);
      relay.offer(rows, seqs);
    },
    announce: (envelopes) => relay.announce(envelopes),
    takeConfirmed: () => relay.takeConfirmed(),
    restore: (confirmed) => relay.restore(confirmed),
    missed: () => relay.missed?.(),
    route: (envelope) => relay.route(envelope),
  };
}
