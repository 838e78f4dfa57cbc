import { isMissing } from './connection.ts';
import type { ReaderParts } from './group-reader.ts';
import type { Lease } from './lease.ts';
import { Members } from './members.ts';
import { OwnedPartitions } from './owned-partitions.ts';
import { type Share, shareOf } from './share.ts';
import { Tokens } from './tokens.ts';
import type { Home } from './topology.ts';

/** Seconds that `subscribe` waits for partitions before it continues in the background. */
const firstWait = 1;
const retryAfter = 1_000;
/** The longest time between two counts of the consumers, in milliseconds. */
const longestRound = 2_000;

/**
 * One consumer of a group. It owns the partitions whose tokens it holds: as many as each other consumer of the group, in any process, or
 * one more.
 */
export class Subscription {
  readonly #stopped: Promise<void>;
  #stop: () => void = () => undefined;
  #stopping = false;
  #waiting = false;
  #running: Promise<void> = Promise.resolve();
  readonly #home: Home;
  readonly #tokens: Tokens;
  readonly #members: Members;
  readonly #partitions: OwnedPartitions;
  #membersBefore = 0;

  constructor(private readonly parts: Omit<ReaderParts, 'owns'>) {
    const { connection, knobs, topology, group } = parts;
    this.#home = topology.homeOf(group);
    this.#tokens = new Tokens(connection, this.#home.owners, knobs.leaseSeconds);
    this.#members = new Members(new Tokens(connection, this.#home.members, knobs.leaseSeconds));
    this.#partitions = new OwnedPartitions(parts, this.#home);
    this.#stopped = new Promise((resolve) => {
      this.#stop = resolve;
    });
  }

  /** Resolves when it delivers, or waits for partitions; rejects when the listener cannot take them. */
  async start(): Promise<void> {
    const leases = await this.#first().catch((error: unknown) => this.#troubled(error));
    try {
      await this.#partitions.take(leases);
    } catch (error) {
      await this.#members.leave();
      await this.#partitions.end();
      throw error;
    }
    this.#running = this.#run();
  }

  /** When the oldest unsettled message was sent. */
  get oldest(): number | undefined {
    return this.#partitions.oldest;
  }

  /** Stops delivering; resolves when all deliveries are settled. */
  drain(): Promise<void> {
    return this.#partitions.drain();
  }

  /** Gives back unsettled deliveries and leaves the group. */
  async stop(): Promise<void> {
    if (!this.#stopping) {
      this.#stopping = true;
      this.#stop();
      if (this.#waiting) await this.#tokens.nudge().catch(() => undefined);
    }
    await this.#running;
    await this.#partitions.end();
    await this.#members.leave();
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      try {
        await this.#round();
      } catch (error) {
        await this.#troubled(error);
      }
    }
  }

  /** Takes or gives partitions until its share is even. */
  async #round(): Promise<void> {
    const { least, most, wanted } = await this.#share();
    const owned = this.#partitions.count;
    if (owned < least) {
      await this.#takeMore(least - owned, this.parts.knobs.waitSeconds);
      return;
    }
    if (owned > most) await this.#partitions.give(owned - most);
    else if (owned < wanted) await this.#takeMore(1, 0);
    await this.#rest(Math.min((this.parts.knobs.leaseSeconds * 1_000) / 3, longestRound));
  }

  async #share(): Promise<Share> {
    const members = await this.#members.count();
    const joined = members > this.#membersBefore;
    this.#membersBefore = members;
    return shareOf(this.#home.partitions, members, joined);
  }

  async #first(): Promise<readonly Lease[]> {
    await this.#tokens.complete(this.#names());
    const { least } = await this.#share();
    const leases: Lease[] = [];
    let found: readonly Lease[];
    do {
      found = await this.#take(least - leases.length, leases.length > 0 ? 0 : firstWait);
      leases.push(...found);
    } while (found.length > 0 && leases.length < least);
    return leases;
  }

  async #takeMore(wanted: number, waitSeconds: number): Promise<void> {
    const leases = await this.#take(wanted, waitSeconds);
    if (this.#stopping) await Promise.all(leases.map((lease) => lease.release()));
    else if (leases.length > 0) await this.#partitions.take(leases);
    else if (waitSeconds > 0) await this.#tokens.complete(this.#names());
  }

  async #take(wanted: number, waitSeconds: number): Promise<readonly Lease[]> {
    if (wanted < 1) return [];
    this.#waiting = true;
    try {
      return await this.#tokens.take(wanted, waitSeconds);
    } finally {
      this.#waiting = false;
    }
  }

  async #troubled(error: unknown): Promise<readonly Lease[]> {
    const { connection, topology, group } = this.parts;
    connection.failed(`sharing the partitions of group ${group}`, error);
    if (isMissing(error)) await topology.heal().catch(() => undefined);
    await this.#rest(retryAfter);
    return [];
  }

  async #rest(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const rested = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([rested, this.#stopped]);
    clearTimeout(timer);
  }

  /** One token for each partition. */
  #names(): readonly string[] {
    return Array.from({ length: this.#home.partitions }, (_, partition) => String(partition));
  }
}
