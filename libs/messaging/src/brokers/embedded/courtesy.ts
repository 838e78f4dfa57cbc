import type { Clock } from '../../clock.ts';

/** How long facts let commands and replies go first, in milliseconds. */
export interface CourtesyOptions {
  /** They wait so long in any case, and gather. */
  readonly linger: number;
  /** They wait no longer than this, whatever is on its way. */
  readonly longest: number;
}

/** As many as a batch takes go without more waiting. */
const crowd = 200;

/**
 * The customer first: while commands and replies are on their way, groups that hear facts are handed nothing. So what is told
 * of an order does not hold up the order, and is handled in larger batches.
 */
export class Courtesy {
  /** Commands and replies that are published and not committed. */
  onTheirWay = 0;

  constructor(
    private readonly clock: Clock,
    private readonly options: CourtesyOptions,
  ) {}

  /** Calls `run` when it is the turn of a group in which `open()` messages are not committed. */
  inTurn(run: () => void, open: () => number): void {
    const { linger, longest } = this.options;
    let waited = 0;
    const look = (): void => {
      waited += linger;
      if (this.onTheirWay === 0 || waited >= longest || open() >= crowd) run();
      else this.clock.after(linger, look);
    };
    this.clock.after(linger, look);
  }
}
