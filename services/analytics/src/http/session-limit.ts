import type { Clock } from '@waybill/messaging';

const minute = 60_000;
/** So that the counts need bounded memory; more sessions in one minute are refused. */
const mostSessions = 100_000;

/** Counts the activities of each session by the minute, in this process. */
export class SessionLimit {
  private readonly counts = new Map<string, number>();
  private since = 0;

  constructor(
    private readonly perMinute: number,
    private readonly clock: Clock,
  ) {}

  /** Counts one activity for each entry, and returns true; none if that were more than a session may have. */
  admits(sessionIds: readonly string[]): boolean {
    const now = this.clock.now().getTime();
    if (now - this.since >= minute) {
      this.counts.clear();
      this.since = now;
    }
    const next = new Map<string, number>();
    for (const id of sessionIds) next.set(id, (next.get(id) ?? this.counts.get(id) ?? 0) + 1);
    const isWithin = [...next.values()].every((count) => count <= this.perMinute);
    if (!isWithin || this.counts.size + next.size > mostSessions) return false;
    for (const [id, count] of next) this.counts.set(id, count);
    return true;
  }
}
