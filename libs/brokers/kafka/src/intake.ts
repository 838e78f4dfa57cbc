import {
  BrokerClosed,
  type Clock,
  needsSubscriber,
  type Outgoing,
  type Settled,
  Unroutable,
} from '@waybill/messaging';
import type { Names } from './names.ts';
import { recordOf } from './record.ts';
import type { Sender } from './sender.ts';
import type { Topics } from './topics.ts';
import type { Topology } from './topology.ts';

/** What the publishing side depends on. */
export interface IntakeParts {
  readonly clock: Clock;
  readonly names: Names;
  readonly topics: Topics;
  readonly topology: Topology;
  readonly sender: Sender;
}

interface Pending {
  readonly message: Outgoing;
  readonly settled: Settled;
}

/** Queues messages for their partitions, or rejects them; never settles before `publish` has returned. */
export class Intake {
  /** Messages whose topic is being looked up or created, in order. */
  readonly #waiting = new Map<string, Pending[]>();
  #closed = false;

  constructor(private readonly parts: IntakeParts) {}

  publish(messages: readonly Outgoing[], settled: Settled): void {
    for (const message of messages) {
      const refusal = this.#refusalOf(message);
      if (refusal) queueMicrotask(() => settled(message.envelope.id, refusal));
      else this.#take({ message, settled });
    }
  }

  /** Rejects all messages from now on, including those that wait for a topic. */
  close(): void {
    this.#closed = true;
    for (const pending of this.#waiting.values()) {
      for (const { message, settled } of pending.splice(0)) {
        settled(message.envelope.id, new BrokerClosed('kafka'));
      }
    }
  }

  #refusalOf({ channel, envelope }: Outgoing): Error | null {
    if (this.#closed) return new BrokerClosed('kafka');
    if (!needsSubscriber.has(envelope.kind)) return null;
    return this.parts.topology.hasSubscriber(channel, envelope)
      ? null
      : new Unroutable(envelope.type, channel);
  }

  #take(pending: Pending): void {
    const { names, topics } = this.parts;
    const topic = names.topic(pending.message.channel);
    const waiting = this.#waiting.get(topic);
    const partitions = topics.known(topic);
    if (waiting) waiting.push(pending);
    else if (partitions !== undefined) this.#send(pending, topic, partitions);
    else void this.#takeWhenThere(pending, topic);
  }

  async #takeWhenThere(first: Pending, topic: string): Promise<void> {
    const waiting = [first];
    this.#waiting.set(topic, waiting);
    try {
      const [partitions = 1] = await this.parts.topics.ensure([topic]);
      this.#waiting.delete(topic);
      for (const pending of waiting) this.#send(pending, topic, partitions);
    } catch (error) {
      this.#waiting.delete(topic);
      for (const { message, settled } of waiting) settled(message.envelope.id, error as Error);
    }
  }

  #send({ message, settled }: Pending, topic: string, partitions: number): void {
    const now = this.parts.clock.now().getTime();
    this.parts.sender.take([
      {
        record: recordOf(message, { topic, partitions }, now),
        settled: (error) => {
          if (error) settled(message.envelope.id, error);
          else settled(message.envelope.id);
        },
      },
    ]);
  }
}
