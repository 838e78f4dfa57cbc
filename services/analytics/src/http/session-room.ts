import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '@waybill/messaging';
import { LOGGER, type Log } from '@waybill/observability';
import { CONFIG } from '@waybill/service';
import type { AnalyticsConfig } from '../analytics.config.ts';
import { KeptSessions } from '../storage/kept-sessions.ts';

const checkEvery = 10_000;

/** Keeps a flood of new session ids out of the pipeline, whose states would grow with it. */
@Injectable()
export class SessionRoom {
  private isFull = false;
  private checkedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly kept: KeptSessions,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<AnalyticsConfig, 'sessionLimit'>,
    @Inject(LOGGER) private readonly log: Pick<Log, 'warn'>,
  ) {}

  /** False while there are too many sessions and one of these is not among them. The database is read only then. */
  async admits(sessionIds: readonly string[]): Promise<boolean> {
    const now = this.clock.now().getTime();
    if (now - this.checkedAt >= checkEvery) {
      this.checkedAt = now;
      // Nobody waits for it: activities are accepted while the database is unavailable.
      this.check().catch((error: unknown) =>
        this.log.warn({ error }, 'the sessions could not be counted'),
      );
    }
    return !this.isFull || this.kept.have(sessionIds);
  }

  private async check(): Promise<void> {
    const { sessionLimit } = this.config;
    const isFull = await this.kept.reach(sessionLimit);
    if (isFull && !this.isFull)
      this.log.warn(
        { sessionLimit },
        'there are too many sessions: new anonymous ones are refused',
      );
    this.isFull = isFull;
  }
}
