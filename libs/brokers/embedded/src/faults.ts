/** Faults for tests. Each number is a probability; the same seed gives the same faults. */
export interface FaultOptions {
  readonly seed: number;
  /** A message is delivered twice. */
  readonly duplicate?: number;
  /** A message is delayed, so that later ones overtake it, even those of its own key. */
  readonly reorder?: number;
  /** The longest delay of a message, in milliseconds; default 20. */
  readonly holdUpTo?: number;
  /** The message is committed, but its sender receives an error. */
  readonly loseConfirm?: number;
}

/** The error in place of a confirm that was lost on purpose. */
export class ConfirmLost extends Error {
  readonly code = 'confirm_lost';
  constructor(id: string) {
    super(`the confirm of message ${id} was lost on purpose`);
    this.name = 'ConfirmLost';
  }
}

/** Draws faults from a seed. */
export class Faults {
  #state: number;

  constructor(private readonly options: FaultOptions) {
    this.#state = options.seed >>> 0;
  }

  duplicates(): boolean {
    return this.#draw() < (this.options.duplicate ?? 0);
  }

  losesConfirm(): boolean {
    return this.#draw() < (this.options.loseConfirm ?? 0);
  }

  /** Milliseconds to delay a message; 0: not at all. */
  holdsBack(): number {
    if (this.#draw() >= (this.options.reorder ?? 0)) return 0;
    return 1 + Math.floor(this.#draw() * (this.options.holdUpTo ?? 20));
  }

  /** mulberry32 */
  #draw(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  }
}
