import type { Clock } from '@waybill/messaging';
import type { Log } from '../observe/log.ts';

const window = 1_000;

/** Requests refused for now, on the log: each in a line at `debug`, all of a second together in one warning. */
export class Refusals {
  private count = 0;
  private waiting = false;

  constructor(
    private readonly log: Log,
    private readonly clock: Clock,
  ) {}

  /** The first one is warned of at once, those of the second after it when that is over. */
  add(code: string, route: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.log.debug({ code, route, reason }, 'request refused for now');
    this.count += 1;
    if (!this.waiting) this.tell(code, route, reason);
  }

  private tell(code: string, route: string, reason: string): void {
    this.log.warn({ refused: this.count, code, route, reason }, 'requests refused for now');
    this.count = 0;
    this.waiting = true;
    this.clock.after(window, () => {
      this.waiting = false;
      if (this.count > 0) this.tell(code, route, reason);
    });
  }
}
