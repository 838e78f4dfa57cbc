import { decode, type Envelope } from '@waybill/contracts';
import { type ObserveOptions, topicPattern } from '@waybill/messaging';

interface Observer {
  readonly topic: string;
  readonly sees: (routingKey: string) => boolean;
  readonly listener: (envelope: Envelope) => void;
  readonly onGap: () => void;
}

/** Who hears what comes by a topic; a listener that fails disturbs nobody. */
export class RedisObservers {
  private readonly byTopic = new Map<string, Set<Observer>>();

  constructor(private readonly failed: (what: string, error: Error) => void) {}

  topics(): readonly string[] {
    return [...this.byTopic.keys()];
  }

  add(
    topic: string,
    pattern: string,
    listener: (envelope: Envelope) => void,
    options: ObserveOptions,
  ): () => void {
    const onGap = options.onGap ?? (() => {});
    const observer: Observer = { topic, sees: topicPattern(pattern), listener, onGap };
    const known = this.byTopic.get(topic) ?? new Set();
    this.byTopic.set(topic, known.add(observer));
    return () => {
      known.delete(observer);
      if (known.size === 0 && this.byTopic.get(topic) === known) this.byTopic.delete(topic);
    };
  }

  /** Hands a message over to those of its topic who see it; what is no envelope is told and dropped. */
  tell(topic: string, body: string): void {
    const observers = this.byTopic.get(topic);
    if (!observers) return;
    let envelope: Envelope;
    try {
      envelope = decode(body);
    } catch (error) {
      this.failed(`a message on ${topic} was dropped`, error as Error);
      return;
    }
    for (const { sees, listener } of [...observers]) {
      if (sees(envelope.routingKey)) {
        this.safely(`an observer of ${envelope.type} failed`, () => listener(envelope));
      }
    }
  }

  /** Tells those of a topic that they may have missed something. */
  gap(topic: string): void {
    for (const { onGap } of [...(this.byTopic.get(topic) ?? [])]) {
      this.safely(`an observer of ${topic} failed`, onGap);
    }
  }

  clear(): void {
    this.byTopic.clear();
  }

  private safely(what: string, run: () => void): void {
    try {
      run();
    } catch (error) {
      this.failed(what, error as Error);
    }
  }
}
