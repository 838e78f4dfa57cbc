import { GroupReader, type ReaderParts } from './group-reader.ts';
import type { Lease } from './lease.ts';
import type { Home } from './topology.ts';

/** The partitions that one consumer owns, and the readers of its queues, which read as long as it owns one. */
export class OwnedPartitions {
  readonly #leases = new Map<number, Lease>();
  readonly #readers: readonly GroupReader[];
  #ended = false;

  constructor(
    private readonly parts: Omit<ReaderParts, 'owns'>,
    { queue, dead }: Home,
  ) {
    const { maxReceives } = parts.knobs;
    const gaveUp = `${queue.name} handed it out ${maxReceives} times and it was never done, or SNS could not deliver it`;
    const reading = { ...parts, owns: (partition: number) => this.#leases.has(partition) };
    this.#readers = [new GroupReader(reading, queue), new GroupReader(reading, dead, gaveUp)];
  }

  get count(): number {
    return this.#leases.size;
  }

  /** When the oldest unsettled message was sent. */
  get oldest(): number | undefined {
    const times = this.#readers.flatMap(({ oldest }) => oldest ?? []);
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  /** Owns the partitions of these tokens. If the listener cannot take them, returns the tokens and rejects. */
  async take(leases: readonly Lease[]): Promise<void> {
    const doubles = leases.filter((lease) => this.#leases.has(partitionOf(lease)));
    await Promise.all(doubles.map((lease) => lease.release()));
    const taken = leases.filter((lease) => !doubles.includes(lease));
    if (taken.length === 0) return;
    try {
      await this.parts.listener.assigned(taken.map(partitionOf));
    } catch (error) {
      await Promise.all(taken.map((lease) => lease.release()));
      throw error;
    }
    for (const lease of taken) {
      this.#leases.set(partitionOf(lease), lease);
      void lease.lost.then(() => this.#lost(lease));
    }
    if (!this.#ended) for (const reader of this.#readers) reader.start();
  }

  /** Leaves so many partitions to other consumers, with what is unsettled. */
  async give(count: number): Promise<void> {
    const given = [...this.#leases.values()].slice(0, count);
    await Promise.all(given.map((lease) => this.#give(lease)));
  }

  /** Stops delivering; resolves when all deliveries are settled. */
  async drain(): Promise<void> {
    this.#ended = true;
    await Promise.all(this.#readers.map((reader) => reader.pause()));
    await Promise.all(this.#readers.map((reader) => reader.whenIdle()));
  }

  /** Stops delivering, and leaves all partitions. */
  async end(): Promise<void> {
    this.#ended = true;
    await Promise.all(this.#readers.map((reader) => reader.stop()));
    await this.give(this.count);
  }

  async #give(lease: Lease): Promise<void> {
    const partition = partitionOf(lease);
    this.#leases.delete(partition);
    await Promise.all(this.#readers.map((reader) => reader.empty(partition)));
    this.parts.listener.revoked([partition]);
    this.#restIfNone();
    await lease.release();
  }

  #lost(lease: Lease): void {
    const partition = partitionOf(lease);
    if (this.#leases.get(partition) !== lease) return;
    this.#leases.delete(partition);
    for (const reader of this.#readers) reader.drop(partition);
    this.parts.listener.revoked([partition]);
    this.#restIfNone();
  }

  #restIfNone(): void {
    if (this.count === 0) for (const reader of this.#readers) void reader.pause();
  }
}

const partitionOf = ({ name }: Lease): number => Number(name);
