import type { Envelope } from '@waybill/contracts';
import { topicPattern } from './topic-pattern.ts';

interface Observer {
  readonly sees: (routingKey: string) => boolean;
  readonly listener: (envelope: Envelope) => void;
}

/** Envelopes that may wait for observers; more are dropped, because observing may lose but never hold up. */
const bound = 10_000;

/** Whoever watches messages go by, at most once and off the publisher's path. */
export class Observers {
  #observers: readonly Observer[] = [];
  #waiting: Envelope[] = [];

  add(pattern: string, listener: (envelope: Envelope) => void): () => void {
    const observer = { sees: topicPattern(pattern), listener };
    this.#observers = [...this.#observers, observer];
    return () => {
      this.#observers = this.#observers.filter((each) => each !== observer);
    };
  }

  offer(envelope: Envelope): void {
    if (this.#observers.length === 0 || this.#waiting.length >= bound) return;
    if (this.#waiting.length === 0) setImmediate(() => this.#tell());
    this.#waiting.push(envelope);
  }

  clear(): void {
    this.#observers = [];
    this.#waiting = [];
  }

  #tell(): void {
    const envelopes = this.#waiting;
    this.#waiting = [];
    for (const envelope of envelopes) {
      for (const { sees, listener } of this.#observers) {
        if (sees(envelope.routingKey)) tellSafely(listener, envelope);
      }
    }
  }
}

/** An observer that fails must not take the process or the other observers with it. */
function tellSafely(listener: (envelope: Envelope) => void, envelope: Envelope): void {
  try {
    listener(envelope);
  } catch (error) {
    process.emitWarning(`an observer of ${envelope.type} failed: ${String(error)}`);
  }
}
