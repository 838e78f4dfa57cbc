import type { Envelope } from '@waybill/message';
import { ObserverList } from '@waybill/messaging';

/** Envelopes that may wait for observers; more are dropped, because observing may lose messages but must not delay them. */
const bound = 10_000;

/** Observers of published messages: at most once, and off the publisher's path. */
export class Observers {
  readonly #list = new ObserverList();
  #waiting: Envelope[] = [];

  add(pattern: string, listener: (envelope: Envelope) => void): () => void {
    return this.#list.add(pattern, listener, undefined);
  }

  offer(envelope: Envelope): void {
    if (this.#list.size === 0 || this.#waiting.length >= bound) return;
    if (this.#waiting.length === 0) setImmediate(() => this.#tell());
    this.#waiting.push(envelope);
  }

  clear(): void {
    this.#list.clear();
    this.#waiting = [];
  }

  #tell(): void {
    for (const envelope of this.#waiting.splice(0)) this.#list.tell(envelope);
  }
}
