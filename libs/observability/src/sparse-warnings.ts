import { type Clock, systemClock } from '@waybill/messaging';
import type { Log } from './log.ts';

const window = 1_000;

/** A line with more ids would be too long for what reads logs. */
const mostIds = 100;

interface Repeated {
  times: number;
  correlationIds: string[];
  tell: () => void;
}

/**
 * Limits warnings that repeat many times while a dependency is unavailable. The first of a kind is logged at once; those of the
 * following second are logged as one line with their count, and with the correlation ids of the first hundred.
 */
export class SparseWarnings {
  private readonly kinds = new Map<string, Repeated>();

  constructor(
    private readonly log: Log,
    private readonly clock: Clock = systemClock,
  ) {}

  warn(kind: string, fields: object, text: string, correlationId?: string): void {
    const known = this.kinds.get(kind);
    const ids = correlationId === undefined ? [] : [correlationId];
    if (!known) {
      this.log.warn({ ...fields, times: 1, ...idsIn(ids) }, text);
      this.begin(kind);
      return;
    }
    known.times += 1;
    if (known.correlationIds.length < mostIds) known.correlationIds.push(...ids);
    known.tell = () =>
      this.log.warn({ ...fields, times: known.times, ...idsIn(known.correlationIds) }, text);
  }

  private begin(kind: string): void {
    const repeated: Repeated = { times: 0, correlationIds: [], tell: () => {} };
    this.kinds.set(kind, repeated);
    this.clock.after(window, () => {
      this.kinds.delete(kind);
      if (repeated.times === 0) return;
      repeated.tell();
      this.begin(kind);
    });
  }
}

const idsIn = (correlationIds: readonly string[]): object =>
  correlationIds.length === 0 ? {} : { correlationIds };
