import type { BlobStore } from '../blob-store.ts';
import type { Broker, Outgoing, Settled } from '../broker.ts';
import { type Encodings, encoded, isLarger } from '../wire/encoded.ts';
import { withClaim } from './claim.ts';

/** A body is larger than its broker takes, and the blob store is missing or does not help. A retry cannot succeed. */
export class TooLarge extends Error {
  readonly code = 'message_too_large';
  readonly retriable = false;
  constructor(type: string, bytes: number, broker: Pick<Broker, 'name' | 'largest'>) {
    super(
      `${type} has ${bytes} bytes, ${broker.name} takes ${broker.largest}: set BLOBS, or send a reference to its data`,
    );
    this.name = 'TooLarge';
  }
}

/** How bodies travel. */
export interface Transport extends Encodings {
  /** Bodies of more bytes go through the blob store, if there is one; default 64 KiB. */
  readonly storeAbove: number;
}

/** The defaults. */
export const usualTransport: Transport = {
  codecs: true,
  compressAbove: 4 * 1024,
  storeAbove: 64 * 1024,
};

interface Waiting {
  readonly message: Outgoing;
  readonly settled: Settled;
}

/**
 * Publishes messages in the encodings of the wire, and sends large bodies through the blob store. Later messages of a key wait until the body before them is stored; all others pass at once.
 */
export class LargeMessages {
  readonly #lines = new Map<string, Waiting[]>();
  readonly #most: number;
  readonly #encodings: Encodings;

  constructor(
    private readonly broker: Broker,
    private readonly blobs: BlobStore | null,
    transport: Transport,
  ) {
    const { largest, compresses } = broker;
    this.#encodings = compresses
      ? { ...transport, compressAbove: Number.POSITIVE_INFINITY }
      : transport;
    this.#most = blobs ? Math.min(largest, transport.storeAbove) : largest;
  }

  publish(messages: readonly Outgoing[], settled: Settled): void {
    if (this.#lines.size === 0 && messages.every((message) => this.#fits(message))) {
      this.#pass(messages, settled);
      return;
    }
    const ready: Outgoing[] = [];
    for (const message of messages) {
      const line = lineOf(message);
      const waiting = this.#lines.get(line);
      if (waiting) waiting.push({ message, settled });
      else if (this.#fits(message)) ready.push(message);
      else this.#begin(line, { message, settled });
    }
    if (ready.length > 0) this.#pass(ready, settled);
  }

  #fits({ body }: Outgoing): boolean {
    return !isLarger(body, this.#most);
  }

  #pass(messages: readonly Outgoing[], settled: Settled): void {
    this.broker.publish(
      messages.map((message) => encoded(message, this.#encodings)),
      settled,
    );
  }

  #begin(line: string, first: Waiting): void {
    const waiting = [first];
    this.#lines.set(line, waiting);
    void this.#send(line, waiting);
  }

  async #send(line: string, waiting: Waiting[]): Promise<void> {
    for (let first = waiting[0]; first; first = waiting[0]) await this.#sendFirst(waiting, first);
    // In the same turn: the next message must not join a line that is no longer processed.
    this.#lines.delete(line);
  }

  async #sendFirst(waiting: Waiting[], first: Waiting): Promise<void> {
    const { message } = first;
    try {
      const small = this.#fits(message) ? message : await this.#store(message);
      // Messages sent before it may have failed meanwhile, and with them all that waited.
      if (waiting[0] === first) this.#sendTo(waiting, small);
    } catch (error) {
      if (error instanceof TooLarge) waiting.shift()?.settled(message.envelope.id, error);
      else fail(waiting, error as Error);
    }
  }

  async #store(message: Outgoing): Promise<Outgoing> {
    const { envelope, body } = message;
    if (!this.blobs) throw new TooLarge(envelope.type, Buffer.byteLength(body), this.broker);
    const small = withClaim(message, await this.blobs.put(Buffer.from(body)));
    if (this.#fits(small)) return small;
    throw new TooLarge(envelope.type, Buffer.byteLength(small.body), this.broker);
  }

  /** Publishes the first, now small, with those up to the next large one in one call, so that they keep their order. */
  #sendTo(waiting: Waiting[], first: Outgoing): void {
    const large = waiting.findIndex(({ message }, at) => at > 0 && !this.#fits(message));
    const sent = waiting.splice(0, large === -1 ? waiting.length : large);
    const told = new Map(sent.map(({ message, settled }) => [message.envelope.id, settled]));
    const messages = [first, ...sent.slice(1).map(({ message }) => message)];
    this.#pass(messages, (id, error) => {
      told.get(id)?.(id, error);
      if (error) fail(waiting, error);
    });
  }
}

function fail(waiting: Waiting[], error: Error): void {
  for (const { message, settled } of waiting.splice(0)) settled(message.envelope.id, error);
}

const lineOf = ({ channel, envelope }: Outgoing): string => `${channel}/${envelope.key}`;
