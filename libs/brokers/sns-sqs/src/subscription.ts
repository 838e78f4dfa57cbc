import { isMissing } from './connection.ts';
import { GroupReader, type ReaderParts } from './group-reader.ts';
import { type Lease, OwnerToken } from './owner-token.ts';
import type { Home } from './topology.ts';

/** Seconds that `subscribe` waits for the token before it continues in the background. */
const firstWait = 1;
const retryAfter = 1_000;

/**
 * One consumer of a group. It waits for the token of the group; its holder owns all partitions and reads the queue
 * until it leaves or loses the token.
 */
export class Subscription {
  readonly #stopped: Promise<void>;
  #stop: () => void = () => undefined;
  #stopping = false;
  #waiting = false;
  #running: Promise<void> | null = null;
  #readers: readonly GroupReader[] = [];

  constructor(private readonly parts: ReaderParts) {
    this.#stopped = new Promise((resolve) => {
      this.#stop = resolve;
    });
  }

  /** Resolves when it delivers, or waits for the token; rejects when the listener cannot take the partitions. */
  async start(): Promise<void> {
    const lease = await this.#first().catch((error: unknown) => this.#troubled(error));
    if (lease) await this.#assign(lease);
    this.#running = this.#run(lease);
  }

  /** When the oldest unsettled message was sent. */
  get oldest(): number | undefined {
    const times = this.#readers.flatMap(({ oldest }) => oldest ?? []);
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  /** Stops delivering; resolves when all deliveries are settled. */
  async drain(): Promise<void> {
    await Promise.all(this.#readers.map((reader) => reader.pause()));
    await Promise.all(this.#readers.map((reader) => reader.whenIdle()));
  }

  /** Gives back unsettled deliveries and releases the group. */
  async stop(): Promise<void> {
    if (!this.#stopping) {
      this.#stopping = true;
      this.#stop();
      if (this.#waiting)
        await this.#token()
          .nudge()
          .catch(() => undefined);
    }
    await this.#running;
  }

  async #run(first: Lease | null): Promise<void> {
    let lease = first;
    while (!this.#stopping || lease) {
      if (lease) await this.#own(lease);
      lease = this.#stopping ? null : await this.#next();
    }
  }

  /** Waits for the token once and prepares the listener; null if it did not get the token. */
  async #next(): Promise<Lease | null> {
    try {
      const lease = await this.#take(this.parts.knobs.waitSeconds);
      if (!lease) return null;
      if (!this.#stopping) await this.#assign(lease);
      return lease;
    } catch (error) {
      await this.#troubled(error);
      return null;
    }
  }

  async #first(): Promise<Lease | null> {
    await this.#token().putIfNone();
    return this.#take(firstWait);
  }

  async #take(waitSeconds: number): Promise<Lease | null> {
    this.#waiting = true;
    try {
      return await this.#token().take(waitSeconds);
    } finally {
      this.#waiting = false;
    }
  }

  async #assign(lease: Lease): Promise<void> {
    try {
      await this.parts.listener.assigned(this.#partitions());
    } catch (error) {
      await lease.release();
      throw error;
    }
  }

  /** Reads until the token is lost or the consumer stops. */
  async #own(lease: Lease): Promise<void> {
    const { queue, dead } = this.#home();
    const { maxReceives } = this.parts.knobs;
    const gaveUp = `${queue.name} handed it out ${maxReceives} times and it was never done, or SNS could not deliver it`;
    const readers = [new GroupReader(this.parts, queue), new GroupReader(this.parts, dead, gaveUp)];
    this.#readers = readers;
    if (!this.#stopping) for (const reader of readers) reader.start();
    await Promise.race([lease.lost, this.#stopped]);
    if (this.#stopping) await Promise.all(readers.map((reader) => reader.stop()));
    else for (const reader of readers) reader.drop();
    this.#readers = [];
    this.parts.listener.revoked(this.#partitions());
    await lease.release();
  }

  async #troubled(error: unknown): Promise<null> {
    const { connection, topology, group } = this.parts;
    connection.failed(`waiting for the ownership of group ${group}`, error);
    if (isMissing(error)) await topology.heal().catch(() => undefined);
    const rested = new Promise((resolve) => setTimeout(resolve, retryAfter));
    await Promise.race([rested, this.#stopped]);
    return null;
  }

  #home(): Home {
    return this.parts.topology.homeOf(this.parts.group);
  }

  #partitions(): readonly number[] {
    return Array.from({ length: this.#home().partitions }, (_, partition) => partition);
  }

  #token(): OwnerToken {
    const { connection, knobs } = this.parts;
    return new OwnerToken(connection, this.#home().owner, knobs.leaseSeconds);
  }
}
