import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Scheduled } from '@waybill/service';
import { type LeaderboardName, leaderboardNames, type Ranked } from '../domain/leaderboard.ts';
import { type LeaderboardIndex, longestBoard } from './leaderboard.index.ts';
import { LeaderboardRows } from './leaderboard.rows.ts';
import type { CustomerCounts, ProductCounts } from './popularity.repository.ts';

/** Injects the `LeaderboardIndex`; null without Redis. */
export const LEADERBOARD_INDEX = Symbol('analytics:leaderboard-index');

/** What sells best, is viewed most, and who buys most: from Redis, and from the rows while it has none that can be trusted. */
@Injectable()
export class Leaderboards implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly rows: LeaderboardRows,
    @Inject(LEADERBOARD_INDEX) private readonly index: LeaderboardIndex | null,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.index?.open();
  }

  async top(name: LeaderboardName, limit: number): Promise<readonly Ranked[]> {
    return (await this.index?.top(name, limit)) ?? this.rows.top(name, limit);
  }

  /** Call it after the commit of the counts. */
  async raiseProducts(counts: readonly ProductCounts[]): Promise<void> {
    const by = (score: 'views' | 'units' | 'revenue') =>
      counts.map((count) => ({ id: count.sku, score: count[score] }));
    await Promise.all([
      this.index?.raise('most-viewed', by('views')),
      this.index?.raise('top-selling', by('units')),
      this.index?.raise('top-revenue', by('revenue')),
    ]);
  }

  async raiseCustomers(counts: readonly CustomerCounts[]): Promise<void> {
    const entries = counts.map(({ customerId: id, spent: score }) => ({ id, score }));
    await this.index?.raise('top-customers', entries);
  }

  async removeCustomers(ids: readonly string[]): Promise<void> {
    await this.index?.remove('top-customers', ids);
  }

  /** Makes the index equal to the rows: also after Redis was wiped, or away. */
  @Scheduled({ name: 'leaderboards', every: () => sweepEvery })
  async sweep(): Promise<void> {
    await this.rows.deleteErased();
    const { index } = this;
    if (!index) return;
    for (const name of leaderboardNames) {
      await index.build(name, await this.rows.top(name, longestBoard));
      const ids = await index.ids(name);
      const counted = await this.rows.among(name, ids);
      await index.remove(
        name,
        ids.filter((id) => !counted.has(id)),
      );
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.index?.close();
  }
}

const sweepEvery = 15_000;
