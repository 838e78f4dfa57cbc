import { Inject, Injectable } from '@nestjs/common';
import { ActivityEnriched, type DataOf, MetricsComputed, SessionsDue } from '@waybill/contracts';
import { Handles } from '@waybill/messaging';
import { CONFIG } from '@waybill/service';
import { type Stage, sessions, stage, timer } from '@waybill/streams';
import type { AnalyticsConfig } from '../analytics.config.ts';
import {
  addToSession,
  emptySession,
  mergeSessions,
  type SessionSums,
  sessionOf,
} from '../domain/session-sums.ts';
import { sessionStates } from '../storage/pipeline.entities.ts';

type Enriched = DataOf<typeof ActivityEnriched>;

/** enriched → aggregated: sessions, which end when nothing happens for half an hour. */
@Injectable()
export class SessionsConsumer {
  private readonly sessions: Stage<Enriched>;

  constructor(
    @Inject(CONFIG)
    config: Pick<
      AnalyticsConfig,
      'allowedLateness' | 'metricsDelay' | 'sessionGap' | 'shopCurrency'
    >,
  ) {
    const { process, flush, hasChanged } = sessions<Enriched, SessionSums>({
      gap: config.sessionGap,
      lateness: config.allowedLateness,
      at: ({ occurredAt }) => Date.parse(occurredAt),
      empty: emptySession,
      add: addToSession(config.shopCurrency),
      merge: mergeSessions,
    });
    this.sessions = stage(sessionStates, {
      group: 'analytics.sessions',
      process,
      publish: (results, key) =>
        // One by one, because a session with many pages is large.
        results.map(({ sum, ...span }) =>
          MetricsComputed({ key, windows: [], sessions: [sessionOf(span, sum)] }),
        ),
      late: ({ time }) => time.late,
      timer: timer(SessionsDue, { after: config.metricsDelay, flush, hasChanged }),
    });
  }

  @Handles()
  add() {
    const key = ({ sessionId }: Enriched): string => sessionId;
    return this.sessions.from(ActivityEnriched, { key, event: (activity) => activity });
  }

  @Handles()
  due() {
    return this.sessions.timers();
  }
}
