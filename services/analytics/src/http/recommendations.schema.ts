import { money, sku, text } from '@waybill/contracts';
import { wholeNumber } from '@waybill/http';
import { z } from 'zod';
import { leaderboardNames } from '../domain/leaderboard.ts';

export const recommendationsQuery = z.strictObject({
  limit: wholeNumber(1, 20).default(10),
});
export type RecommendationsQuery = z.output<typeof recommendationsQuery>;

export const recommendationsView = z
  .object({
    items: z.array(
      z.object({
        sku,
        name: z.string(),
        price: money,
        reason: z.enum(['bought_together', 'viewed_together', 'best_seller']),
      }),
    ),
    nextCursor: z.null(),
  })
  .meta({ id: 'Recommendations' });
export type RecommendationsView = z.output<typeof recommendationsView>;

const leaderboardName = z.enum(leaderboardNames);

/** Names are read as text, so that one that nobody knows is 404. */
export const leaderboardPath = text(1, 100);

export const leaderboardQuery = z.strictObject({
  limit: wholeNumber(1, 100).default(10),
});
export type LeaderboardQuery = z.output<typeof leaderboardQuery>;

export const leaderboardView = z
  .object({
    name: leaderboardName,
    items: z.array(
      z.object({
        rank: z.int().min(1),
        /** A SKU, or the id of a customer. */
        id: z.string(),
        /** Units or views; absent if it ranks by amount. */
        count: z.int().min(0).optional(),
        amount: money.optional(),
      }),
    ),
    nextCursor: z.null(),
  })
  .meta({ id: 'Leaderboard' });
export type LeaderboardView = z.output<typeof leaderboardView>;
