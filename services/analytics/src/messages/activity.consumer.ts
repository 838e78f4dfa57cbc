import { Injectable } from '@nestjs/common';
import { ActivityRecorded, type DataOf } from '@waybill/contracts';
import { Handles } from '@waybill/messaging';
import { Work } from '@waybill/work-queue';
import { DataSource } from 'typeorm';
import { skuOf } from '../domain/page.ts';
import { Leaderboards } from '../storage/leaderboards.ts';
import { PopularityRepository, type View } from '../storage/popularity.repository.ts';
import { countedBatches } from './counted-batches.ts';
import { recommendationJobs } from './recommendations.worker.ts';

type Activity = DataOf<typeof ActivityRecorded>;

/** Counts what visitors view. Each activity counts once, by its event id. */
@Injectable()
export class ActivityConsumer {
  constructor(
    private readonly dataSource: DataSource,
    private readonly popularity: PopularityRepository,
    private readonly work: Work,
    private readonly leaderboards: Leaderboards,
  ) {}

  @Handles()
  record() {
    return countedBatches(ActivityRecorded, 'analytics.activity', (batch) => this.count(batch));
  }

  private async count(activities: readonly Activity[]): Promise<void> {
    const counts = await this.dataSource.transaction(async (manager) => {
      const fresh = await this.popularity.remember(
        manager,
        activities.map(({ eventId }) => eventId),
      );
      const viewed = viewsIn(activities, fresh);
      const known = await this.popularity.known(
        manager,
        viewed.map((view) => view.sku),
      );
      const views = viewed.filter((view) => known.has(view.sku));
      if (views.length === 0) return [];
      const counted = await this.popularity.countViews(manager, views);
      const pairs = await this.popularity.addToSessions(manager, views);
      const changed = await this.popularity.countTogether(manager, 'viewed', pairs);
      await this.work.add(manager, recommendationJobs(changed));
      return counted;
    });
    await this.leaderboards.raiseProducts(counts);
  }
}

/** The views among new activities; a batch may have a repeated one. */
function viewsIn(activities: readonly Activity[], fresh: ReadonlySet<string>): View[] {
  const byId = new Map(activities.map((activity) => [activity.eventId, activity]));
  return [...byId.values()].flatMap(({ eventId, type, sessionId, occurredAt: at, properties }) => {
    const sku = type === 'view_product' && fresh.has(eventId) ? skuOf({ properties }) : null;
    return sku ? [{ sessionId, sku, at }] : [];
  });
}
