import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '@waybill/messaging';
import { CONFIG } from '@waybill/service';
import type { AnalyticsConfig } from '../analytics.config.ts';
import { KeptSessions } from '../storage/kept-sessions.ts';

const hour = 3_600_000;
/** So that the ids need bounded memory; with more, an hour begins early. */
const mostIds = 200_000;

/** Counts the anonymous sessions that each network reports in an hour, in this process, so that none takes the room of all. */
@Injectable()
export class NetworkLimit {
  private readonly sessions = new Map<string, Set<string>>();
  private ids = 0;
  private since = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly kept: KeptSessions,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<AnalyticsConfig, 'sessionsPerAddress'>,
  ) {}

  /**
   * Counts the sessions of a report, and returns null; if that were more than a network may have and one of them is new, counts
   * none, and returns the seconds until the next hour begins. The database is read only then.
   */
  async refuses(network: string, sessionIds: readonly string[]): Promise<number | null> {
    const now = this.clock.now().getTime();
    if (now - this.since >= hour) this.begin(now);
    const known = this.sessions.get(network) ?? new Set();
    const others = [...new Set(sessionIds)].filter((id) => !known.has(id));
    if (known.size + others.length > this.config.sessionsPerAddress) {
      if (await this.kept.have(others)) return null;
      return Math.ceil((this.since + hour - now) / 1_000);
    }
    if (this.ids + others.length > mostIds) this.begin(now);
    const counted = this.sessions.get(network) ?? new Set();
    for (const id of others) counted.add(id);
    this.sessions.set(network, counted);
    this.ids += others.length;
    return null;
  }

  private begin(now: number): void {
    this.sessions.clear();
    this.ids = 0;
    this.since = now;
  }
}
