import type { Contract, Envelope } from '@waybill/contracts';
import type { Brokers, ObserveOptions } from '@waybill/messaging';

/** Live messages for routes that wait for a change. Messages may be lost, so a waiting route must also poll. */
export class LiveUpdates {
  constructor(private readonly brokers: Pick<Brokers, 'brokerFor'>) {}

  /**
   * Calls `listener` at most once for every message of a live contract, until the returned function is called. Calls `onGap` when
   * messages may have been missed: the listener must read again.
   */
  observe(
    { type }: Pick<Contract, 'type'>,
    listener: (envelope: Envelope) => void,
    options?: ObserveOptions,
  ): () => void {
    return this.brokers.brokerFor('live').observe(`${type}.#`, listener, options);
  }
}
