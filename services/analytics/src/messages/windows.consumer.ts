import { Inject, Injectable } from '@nestjs/common';
import { ActivityProcessed, type DataOf, MetricsComputed, WindowsDue } from '@waybill/contracts';
import { Handles } from '@waybill/messaging';
import { CONFIG } from '@waybill/service';
import { type SpanResult, type Stage, slidingWindows, stage, timer } from '@waybill/streams';
import type { AnalyticsConfig } from '../analytics.config.ts';
import { addActivity, mergeSums, nothingYet, type VisitorSums } from '../domain/visitor-sums.ts';
import { windowStates } from '../storage/pipeline.entities.ts';

type Processed = DataOf<typeof ActivityProcessed>;

/** processed → aggregated: windows of 60 seconds per visitor, one every ten seconds. */
@Injectable()
export class WindowsConsumer {
  private readonly windows: Stage<Processed>;

  constructor(@Inject(CONFIG) config: Pick<AnalyticsConfig, 'allowedLateness' | 'metricsDelay'>) {
    const { process, flush, hasChanged } = slidingWindows<Processed, VisitorSums>({
      size: 60_000,
      advance: 10_000,
      lateness: config.allowedLateness,
      at: ({ occurredAt }) => Date.parse(occurredAt),
      empty: nothingYet,
      add: addActivity,
      merge: mergeSums,
    });
    this.windows = stage(windowStates, {
      group: 'analytics.windows',
      process,
      publish: (results, key) => [
        MetricsComputed({ key, windows: results.map(windowOf), sessions: [] }),
      ],
      late: ({ time }) => time.late,
      timer: timer(WindowsDue, { after: config.metricsDelay, flush, hasChanged }),
    });
  }

  @Handles()
  add() {
    return this.windows.from(ActivityProcessed, { key: ({ visitor }) => visitor, event: same });
  }

  @Handles()
  due() {
    return this.windows.timers();
  }
}

const same = <E>(event: E): E => event;

const windowOf = ({ start, end, sum: { pages, ...sums } }: SpanResult<VisitorSums>) => ({
  ...sums,
  from: new Date(start).toISOString(),
  to: new Date(end).toISOString(),
  uniquePages: pages.length,
});
