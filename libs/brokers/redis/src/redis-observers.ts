import type { Envelope } from '@waybill/message';
import { ObserverList } from '@waybill/messaging';

/** The observers of each topic; a message that is not an envelope is reported and dropped. */
export class RedisObservers {
  private readonly byTopic = new Map<string, ObserverList>();

  constructor(private readonly failed: (what: string, error: Error) => void) {}

  topics(): readonly string[] {
    return [...this.byTopic.keys()];
  }

  add(
    topic: string,
    pattern: string,
    listener: (envelope: Envelope) => void,
    onGap: (() => void) | undefined,
  ): () => void {
    const known = this.byTopic.get(topic) ?? this.listOf(topic);
    this.byTopic.set(topic, known);
    const stop = known.add(pattern, listener, onGap);
    return () => {
      stop();
      if (known.size === 0 && this.byTopic.get(topic) === known) this.byTopic.delete(topic);
    };
  }

  tell(topic: string, body: string): void {
    this.byTopic.get(topic)?.tellBody(body);
  }

  /** Notifies the observers of a topic that they may have missed messages. */
  gap(topic: string): void {
    this.byTopic.get(topic)?.gap();
  }

  clear(): void {
    this.byTopic.clear();
  }

  private listOf(topic: string): ObserverList {
    return new ObserverList(this.failed, (error) =>
      this.failed(`a message on ${topic} was dropped`, error),
    );
  }
}
