import { hash } from 'node:crypto';
import { PublishBatchCommand } from '@aws-sdk/client-sns';
import { partitionOf } from '@waybill/message';
import {
  BrokerClosed,
  type Outgoing,
  type Settled,
  TooLarge,
  Unroutable,
} from '@waybill/messaging';
import type { Audience } from './audience.ts';
import { BatchSender, type Waiting } from './batch-sender.ts';
import { type Connection, isMissing, isOutage } from './connection.ts';
import { isOrdered } from './names.ts';
import type { Topology } from './topology.ts';
import { largestBody, largestRequest, type Packed, pack } from './wire.ts';

/** Parallel requests per topic; all messages of a key use the same sender. */
const sendersOfTopic = 8;
const entriesOfBatch = 10;

/** SNS rejected this entry of a batch; the others are stored. */
export class EntryFailed extends Error {
  readonly code = 'entry_failed';
  constructor(id: string, reason: string) {
    super(`SNS did not take message ${id}: ${reason}`);
    this.name = 'EntryFailed';
  }
}

interface PublisherParts {
  readonly broker: string;
  readonly connection: Connection;
  readonly topology: Topology;
  readonly audience: Audience;
  readonly published: (channel: string) => void;
}

/**
 * Publishes in batches. On ordered channels a batch has at most one message per key, and messages behind a failed one
 * of their key fail too, because they must not be stored before it is retried.
 */
export class Publisher {
  readonly #senders = new Map<string, BatchSender>();
  #closed = false;
  /** The number of outages after which the topology was last restored. */
  #outages = 0;

  constructor(private readonly parts: PublisherParts) {}

  publish(messages: readonly Outgoing[], settled: Settled): void {
    if (this.#closed) {
      const error = new BrokerClosed(this.parts.broker);
      queueMicrotask(() => {
        for (const { envelope } of messages) settled(envelope.id, error);
      });
      return;
    }
    for (const message of messages) {
      const settle = (error?: Error) => {
        if (!error) this.parts.published(message.channel);
        settled(message.envelope.id, error);
      };
      this.#senderOf(message).add({ message, settle });
    }
  }

  /** Refuses messages that were not sent; resolves when the rest is settled. */
  async close(): Promise<void> {
    this.#closed = true;
    const error = new BrokerClosed(this.parts.broker);
    await Promise.all([...this.#senders.values()].map((sender) => sender.close(error)));
  }

  #senderOf({ channel, envelope }: Outgoing): BatchSender {
    const name = `${channel}/${partitionOf(envelope.key, sendersOfTopic)}`;
    const known = this.#senders.get(name);
    if (known) return known;
    const made = new BatchSender(isOrdered(channel), entriesOfBatch, (batch) =>
      this.#send(channel, batch),
    );
    this.#senders.set(name, made);
    return made;
  }

  /** Sends a batch; returns the failed messages, and whether the server is unreachable. */
  async #send(channel: string, batch: readonly Waiting[]) {
    const failed = new Map<Waiting, Error>();
    const refused = new Map<Waiting, Error>();
    const sent = new Set<Waiting>();
    try {
      await this.#afterOutage();
      const entries = await this.#pack(batch, refused);
      for (const part of this.#bySize(entries)) {
        await this.#sendPart(channel, part, failed);
        for (const { waiting } of part) sent.add(waiting);
      }
      return { failed, refused, down: false };
    } catch (error) {
      const { connection } = this.parts;
      connection.failed(`publishing to ${channel}`, error);
      const told = connection.explained(error);
      for (const each of batch) if (!refused.has(each) && !sent.has(each)) failed.set(each, told);
      return { failed, refused, down: isOutage(error) };
    }
  }

  /** A restarted server may have lost the subscriptions, and would confirm messages that no group receives. */
  async #afterOutage(): Promise<void> {
    const { connection, topology } = this.parts;
    const { outages } = connection;
    if (outages === this.#outages) return;
    await topology.heal();
    this.#outages = outages;
  }

  async #pack(batch: readonly Waiting[], refused: Map<Waiting, Error>) {
    const { broker: name, audience } = this.parts;
    const entries: { waiting: Waiting; packed: Packed }[] = [];
    for (const waiting of batch) {
      const { channel, envelope } = waiting.message;
      const packed = pack(waiting.message);
      if (packed.bytes > largestRequest)
        refused.set(
          waiting,
          new TooLarge(envelope.type, packed.bytes, { name, largest: largestBody }),
        );
      else if (await audience.hasSubscriber(waiting.message)) entries.push({ waiting, packed });
      else refused.set(waiting, new Unroutable(envelope.type, channel));
    }
    return entries;
  }

  /** The size limit applies to a whole request. */
  #bySize<T extends { packed: Packed }>(entries: readonly T[]): readonly T[][] {
    const parts: T[][] = [];
    let bytes = Number.POSITIVE_INFINITY;
    for (const entry of entries) {
      bytes += entry.packed.bytes;
      if (bytes > largestRequest) {
        parts.push([]);
        bytes = entry.packed.bytes;
      }
      parts.at(-1)?.push(entry);
    }
    return parts;
  }

  async #sendPart(
    channel: string,
    part: readonly { waiting: Waiting; packed: Packed }[],
    failed: Map<Waiting, Error>,
  ): Promise<void> {
    const fifo = isOrdered(channel);
    const PublishBatchRequestEntries = part.map(({ packed }, at) => ({
      Id: String(at),
      Message: packed.body,
      MessageAttributes: { ...packed.attributes },
      ...(fifo
        ? { MessageGroupId: messageGroup(packed.key), MessageDeduplicationId: packed.id }
        : {}),
    }));
    const { Failed = [] } = await this.#toTopic(channel, PublishBatchRequestEntries);
    this.parts.connection.worked();
    for (const { Id, Code, Message } of Failed) {
      const entry = part[Number(Id)];
      if (!entry) continue;
      const error = new EntryFailed(entry.packed.id, Message ?? Code ?? 'no reason given');
      failed.set(entry.waiting, error);
    }
  }

  async #toTopic(
    channel: string,
    PublishBatchRequestEntries: ConstructorParameters<
      typeof PublishBatchCommand
    >[0]['PublishBatchRequestEntries'],
  ) {
    const { topology, connection } = this.parts;
    const send = async () =>
      connection.publishing.send(
        new PublishBatchCommand({
          TopicArn: await topology.topics.of(channel),
          PublishBatchRequestEntries,
        }),
      );
    try {
      return await send();
    } catch (error) {
      if (!isMissing(error)) throw error;
      await topology.heal();
      return send();
    }
  }
}

/** A valid message group id: at most 128 allowed characters; other keys are hashed. */
export function messageGroup(key: string): string {
  if (/^[\w!"#$%&'()*+,./:;<=>?@[\\\]^`{|}~-]{1,126}$/.test(key)) return `k-${key}`;
  return `h-${hash('sha256', key, 'hex')}`;
}
