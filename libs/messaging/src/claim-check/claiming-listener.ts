import { setTimeout as wait } from 'node:timers/promises';
import type { BlobStore } from '../blob-store.ts';
import type { Delivery, Listener } from '../broker.ts';
import { bodyText } from '../broker.ts';
import { claimOf, keyInside } from './claim.ts';

/** Milliseconds until a store that could not be asked is asked again. */
const pause = 2_000;

/** What a listener that fetches bodies needs. */
export interface ClaimingParts {
  readonly blobs: BlobStore | null;
  readonly onTrouble: (what: string, error: Error) => void;
}

/**
 * Hands over what came, large bodies as they were sent. What follows of a key waits while its body is fetched, and holds up
 * nobody else.
 */
export class ClaimingListener implements Listener {
  readonly #lines = new Map<string, Delivery[]>();

  constructor(
    private readonly listener: Listener,
    private readonly parts: ClaimingParts,
  ) {}

  assigned(shards: readonly number[]): Promise<void> {
    return this.listener.assigned(shards);
  }

  /** What waits of these shards comes to their next owner. */
  revoked(shards: readonly number[]): void {
    for (const line of this.#lines.values()) {
      const kept = line.filter(({ shard }) => !shards.includes(shard));
      line.splice(0, line.length, ...kept);
    }
    this.listener.revoked(shards);
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

  /** The broker has what waits here, and hands it over again. */
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
    // In the same turn: what comes next must not join a line that nobody looks at.
    this.#lines.delete(key);
  }

  /** Null when the store cannot be asked. What is not there is a dead letter. */
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

/** The same delivery as a value: that of a broker may be an object with a state of its own. */
function plain(delivery: Delivery): Delivery {
  const { channel, body, shard, redelivered, expired, gaveUp } = delivery;
  return {
    channel,
    body,
    shard,
    redelivered,
    ...(expired ? { expired } : {}),
    ...(gaveUp === undefined ? {} : { gaveUp }),
    ack: () => delivery.ack(),
    giveBack: () => delivery.giveBack(),
  };
}
