import type { Envelope } from '@waybill/message';
import { ObserverList, receivedBody } from '@waybill/messaging';

/** The largest body in bytes, before it is compressed. */
export const largestBody = 1024 * 1024;

/** How gzip begins, which no text does. Messages of Redis have no headers that could say how they are encoded. */
const gzip = Buffer.from([0x1f, 0x8b]);

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

  tell(topic: string, content: Buffer): void {
    const list = this.byTopic.get(topic);
    if (!list) return;
    const contentEncoding = content.subarray(0, gzip.length).equals(gzip) ? 'gzip' : undefined;
    const { body, gaveUp } = receivedBody(content, { contentEncoding }, largestBody);
    if (gaveUp === undefined) list.tellBody(body);
    else this.failed(`a message on ${topic} was dropped`, new Error(gaveUp));
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
