import type { Relay } from '@waybill/messaging';
import type { Metrics } from './metrics.ts';

/** The same relay, counting what goes out by channel. */
export function countedRelay(relay: Relay, metrics: Metrics): Relay {
  const produced = metrics.counter({
    name: 'waybill_messages_produced_total',
    help: 'Messages committed to the outbox and handed to the relay',
    labelNames: ['channel', 'broker'] as const,
  });
  /** A channel is on one broker. */
  const count = (rows: readonly { readonly channel: string; readonly broker: string }[]): void => {
    const counts = new Map<string, { readonly broker: string; messages: number }>();
    for (const { channel, broker } of rows) {
      const known = counts.get(channel);
      if (known) known.messages += 1;
      else counts.set(channel, { broker, messages: 1 });
    }
    for (const [channel, { broker, messages }] of counts)
      produced.inc({ channel, broker }, messages);
  };
  return {
    offer(rows, seqs) {
      count(rows);
      relay.offer(rows, seqs);
    },
    announce: (envelopes) => relay.announce(envelopes),
    takeConfirmed: () => relay.takeConfirmed(),
    restore: (confirmed) => relay.restore(confirmed),
    missed: () => relay.missed?.(),
    route: (envelope) => relay.route(envelope),
  };
}
