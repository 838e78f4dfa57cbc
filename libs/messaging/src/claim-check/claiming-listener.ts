import { setTimeout as wait } from 'node:timers/promises';
import type { BlobStore } from '../blob-store.ts';
import type { Delivery, Listener } from '../broker.ts';
import { bodyText } from '../broker.ts';
import { claimOf, keyInside } from './claim.ts';

/** Milliseconds until an unavailable store is tried again. */
const pause = 2_000;

/** What a listener that fetches bodies needs. */
export interface ClaimingParts {
  readonly blobs: BlobStore | null;
  readonly onTrouble: (what: string, error: Error) => void;
}

/**
 * Delivers messages with large bodies restored. Later messages of a key wait while a body of
 * that key is fetched; other keys do not wait.
 */
export class ClaimingListener implements Listener {
  readonly #lines = new Map<string, Delivery[]>();

  constructor(
    private readonly listener: Listener,
    private readonly parts: ClaimingParts,
  ) {}

  assigned(partitions: readonly number[]): Promise<void> {
    return this.listener.assigned(partitions);
  }

  /** Drops the waiting messages of these partitions, which go to their next owner. */
  revoked(partitions: readonly number[]): void {
    for (const line of this.#lines.values()) {
      const kept = line.filter(({ partition }) => !partitions.includes(partition));
      line.splice(0, line.length, ...kept);
    }
    this.listener.revoked(partitions);
  }

  deliver(delivery: Delivery): void {
    const claim = delivery.made ? null : claimOf(delivery.body);
    if (!claim && this.#lines.size === 0) {
      this.listener.deliver(delivery);
      return;
    }
    const key = claim?.key ?? delivery.made?.envelope.key ?? keyInside(delivery.body);
    const line = this.#lines.get(key);
    if (line) line.push(delivery);
    else if (claim) this.#begin(key, delivery);
    else this.listener.deliver(delivery);
  }

  /** Drops the waiting messages: the broker still has them, and delivers them again. */
  leave(): void {
    for (const line of this.#lines.values()) line.splice(0);
  }

  #begin(key: string, first: Delivery): void {
    const line = [first];
    this.#lines.set(key, line);
    void this.#handOver(key, line);
  }

  async #handOver(key: string, line: Delivery[]): Promise<void> {
    for (let first = line[0]; first; first = line[0]) {
      const whole = await this.#whole(first);
      if (line[0] !== first) continue;
      if (!whole) await wait(pause, undefined, { ref: false });
      else if (line.shift()) this.listener.deliver(whole);
    }
    // In the same turn: the next message must not join a line that is no longer processed.
    this.#lines.delete(key);
  }

  /** Null if the store is unavailable. A body that is not stored makes the message a dead letter. */
  async #whole(delivery: Delivery): Promise<Delivery | null> {
    const { blobs, onTrouble } = this.parts;
    const reference = delivery.made ? undefined : claimOf(delivery.body)?.reference;
    if (reference === undefined) return delivery;
    try {
      const found = blobs && (await blobs.get(reference));
      if (found) return { ...plain(delivery), ...bodyText(Buffer.from(found)) };
      const gaveUp = blobs
        ? `nothing is stored under ${reference}`
        : `no blob store to fetch ${reference} from: set BLOBS`;
      return { ...plain(delivery), gaveUp };
    } catch (error) {
      onTrouble('fetching the body of a message', error as Error);
      return null;
    }
  }
}

/** The same delivery as a plain value, because a broker's delivery may be an object with state of its own. */
function plain(delivery: Delivery): Delivery {
  const { channel, body, partition, redelivered, expired, gaveUp, tried } = delivery;
  return {
    channel,
    body,
    partition,
    redelivered,
    ...(expired ? { expired } : {}),
    ...(gaveUp === undefined ? {} : { gaveUp }),
    ack: () => delivery.ack(),
    giveBack: () => delivery.giveBack(),
    ...(tried ? { tried } : {}),
    ...(delivery.retryAfter ? { retryAfter: delivery.retryAfter.bind(delivery) } : {}),
  };
}
