import { decode, type Envelope } from '@waybill/message';
import { topicPattern } from './topic-pattern.ts';

interface Observer {
  readonly sees: (routingKey: string) => boolean;
  readonly listener: (envelope: Envelope) => void;
  readonly onGap: (() => void) | undefined;
}

/** Routing keys whose observers are kept; keys of foreign messages may be any number. */
const mostKeys = 1_000;

/** Observers of messages, each with a pattern. One that throws affects neither the process nor the others. */
export class ObserverList {
  #observers: readonly Observer[] = [];
  /** By routing key: a system has few of them, and every message that is published is looked up. */
  readonly #matching = new Map<string, readonly Observer[]>();

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
    this.#replace([...this.#observers, observer]);
    return () => this.#replace(this.#observers.filter((each) => each !== observer));
  }

  tell(envelope: Envelope): void {
    const { type, routingKey } = envelope;
    for (const { listener } of this.#of(routingKey)) {
      this.#safely(`an observer of ${type} failed`, () => listener(envelope));
    }
  }

  /** Like `tell`, for received bytes. With a `routingKey`, bytes that no observer matches are not decoded. */
  tellBody(body: string, routingKey?: string): void {
    if (this.#observers.length === 0) return;
    if (routingKey !== undefined && this.#of(routingKey).length === 0) return;
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
    this.#replace([]);
  }

  #of(routingKey: string): readonly Observer[] {
    const known = this.#matching.get(routingKey);
    if (known) return known;
    const matching = this.#observers.filter(({ sees }) => sees(routingKey));
    if (this.#matching.size >= mostKeys) this.#matching.clear();
    this.#matching.set(routingKey, matching);
    return matching;
  }

  #replace(observers: readonly Observer[]): void {
    this.#observers = observers;
    this.#matching.clear();
  }

  #safely(what: string, run: () => void): void {
    try {
      run();
    } catch (error) {
      this.failed(what, error as Error);
    }
  }
}
