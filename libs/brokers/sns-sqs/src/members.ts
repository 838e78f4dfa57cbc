import { randomUUID } from 'node:crypto';
import type { Lease } from './lease.ts';
import type { Tokens } from './tokens.ts';

/**
 * The consumers of a group in all processes. SQS does not know them, so each holds a seat, which is a token like those of the partitions,
 * and the held seats are counted. That of a dead one is free after its lease, and is removed.
 */
export class Members {
  #seat: Lease | null = null;
  #last = 1;

  constructor(private readonly seats: Tokens) {}

  /** Takes a seat unless it has one, and counts the members, this one included. SQS counts approximately. */
  async count(): Promise<number> {
    await this.#join();
    // An emulator sees only during a receive that a lease has ended.
    if (this.#last > 1) await this.seats.removeFree();
    this.#last = Math.max(1, await this.seats.held());
    return this.#last;
  }

  async leave(): Promise<void> {
    await this.#seat?.release();
  }

  /** Another consumer may remove a new seat before it is taken; the next count tries again. */
  async #join(): Promise<void> {
    if (this.#seat?.held) return;
    const [free] = await this.seats.take(1, 0);
    if (!free) await this.seats.add([randomUUID()]);
    const [seat = null] = free ? [free] : await this.seats.take(1, 1);
    this.#seat = seat;
  }
}
