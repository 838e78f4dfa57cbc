import { decode, type Envelope } from '@waybill/message';
import { topicPattern } from './topic-pattern.ts';

interface Observer {
  readonly sees: (routingKey: string) => boolean;
  readonly listener: (envelope: Envelope) => void;
  readonly onGap: (() => void) | undefined;
}

/** Observers of messages, each with a pattern. One that throws affects neither the process nor the others. */
export class ObserverList {
  #observers: readonly Observer[] = [];

  /** `failed` receives the error of an observer that threw, `dropped` that of bytes that are not an envelope. */
  constructor(
    private readonly failed: (what: string, error: Error) => void = (what, error) =>
      process.emitWarning(`${what}: ${String(error)}`),
    private readonly dropped: (error: Error) => void = () => undefined,
  ) {}

  get size(): number {
    return this.#observers.length;
  }

  /** The returned function removes the observer. */
  add(
    pattern: string,
    listener: (envelope: Envelope) => void,
    onGap: (() => void) | undefined,
  ): () => void {
    const observer = { sees: topicPattern(pattern), listener, onGap };
    this.#observers = [...this.#observers, observer];
    return () => {
      this.#observers = this.#observers.filter((each) => each !== observer);
    };
  }

  tell(envelope: Envelope): void {
    const { type, routingKey } = envelope;
    for (const { sees, listener } of this.#observers) {
      if (sees(routingKey)) this.#safely(`an observer of ${type} failed`, () => listener(envelope));
    }
  }

  /** Like `tell`, for received bytes. With a `routingKey`, bytes that no observer matches are not decoded. */
  tellBody(body: string, routingKey?: string): void {
    const wanted = (key: string) => this.#observers.some(({ sees }) => sees(key));
    if (this.#observers.length === 0 || (routingKey !== undefined && !wanted(routingKey))) return;
    let envelope: Envelope;
    try {
      envelope = decode(body);
    } catch (error) {
      this.dropped(error as Error);
      return;
    }
    this.tell(envelope);
  }

  /** Notifies every observer that it may have missed messages. */
  gap(): void {
    for (const { onGap } of this.#observers) {
      if (onGap) this.#safely('an observer failed', onGap);
    }
  }

  clear(): void {
    this.#observers = [];
  }

  #safely(what: string, run: () => void): void {
    try {
      run();
    } catch (error) {
      this.failed(what, error as Error);
    }
  }
}
