import { type Settled } from '@waybill/messaging';

/** Counts the groups that still have to commit a message. */
export class Confirm {
  #open: number;

  constructor(
    readonly id: string,
    private readonly settled: Settled,
    groups: number,
  ) {
    this.#open = groups;
  }

  /** One group has committed it. */
  done(): void {
    if (this.#open === 0) return;
    this.#open -= 1;
    if (this.#open === 0) this.settled(this.id);
  }

  /** The message is not safe in this broker; later commits do not change that. */
  fail(error: Error): void {
    if (this.#open === 0) return;
    this.#open = 0;
    this.settled(this.id, error);
  }
}
