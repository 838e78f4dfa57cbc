import { type Clock } from '@waybill/messaging';

/** How long facts wait for commands and replies, in milliseconds. */
export interface CourtesyOptions {
  /** Facts always wait this long, and gather. */
  readonly linger: number;
  /** Facts wait no longer than this, whatever is in flight. */
  readonly longest: number;
}

/** A group with this many open messages, enough for a batch, waits no longer. */
const crowd = 200;

/**
 * Gives commands and replies precedence: while any are in flight, groups of facts receive
 * nothing. So facts about an order do not delay the order, and are processed in larger batches.
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
