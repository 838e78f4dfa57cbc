import { type Clock, systemClock } from '@waybill/messaging';
import type { Log } from './log.ts';

const window = 1_000;

interface Repeated {
  times: number;
  tell: () => void;
}

/**
 * Limits warnings that repeat many times while a dependency is unavailable. The first of a kind is logged at once; those of the
 * following second are logged as one line with their count.
 */
export class SparseWarnings {
  private readonly kinds = new Map<string, Repeated>();

  constructor(
    private readonly log: Log,
    private readonly clock: Clock = systemClock,
  ) {}

  warn(kind: string, fields: object, text: string): void {
    const known = this.kinds.get(kind);
    if (known) {
      known.times += 1;
      known.tell = () => this.log.warn({ ...fields, times: known.times }, text);
      return;
    }
    this.log.warn({ ...fields, times: 1 }, text);
    this.begin(kind);
  }

  private begin(kind: string): void {
    const repeated: Repeated = { times: 0, tell: () => {} };
    this.kinds.set(kind, repeated);
    this.clock.after(window, () => {
      this.kinds.delete(kind);
      if (repeated.times === 0) return;
      repeated.tell();
      this.begin(kind);
    });
  }
}
