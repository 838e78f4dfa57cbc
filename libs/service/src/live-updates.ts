import type { Envelope } from '@waybill/contracts';
import type { Brokers, ObserveOptions } from '@waybill/messaging';

/** Live messages as they are sent, for routes that wait; some may be lost, so whoever waits looks by itself too. */
export class LiveUpdates {
  constructor(private readonly brokers: Pick<Brokers, 'brokerFor'>) {}

  /**
   * Calls `listener` for every message whose routing key fits the pattern, until the returned function is called;
   * `onGap` when messages may have been missed, so that the listener reads again.
   */
  observe(
    pattern: string,
    listener: (envelope: Envelope) => void,
    options?: ObserveOptions,
  ): () => void {
    return this.brokers.brokerFor('live').observe(pattern, listener, options);
  }
}
