import { activityType, country, instant, money, pageCategory, text } from '@waybill/contracts';
import { paging, wholeNumber } from '@waybill/http';
import { z } from 'zod';
import { periodQuery } from './period.ts';

const count = z.int().min(0);
const period = { from: instant, to: instant };
/** A share of 1; null if there is nothing to divide by. */
const rate = z.number().min(0).max(1).nullable();

export const windowsQuery = z.strictObject({
  ...paging,
  /** The id of a customer, or the `sessionId` of an anonymous visitor. */
  user: text(1, 100),
  ...periodQuery,
});
export type WindowsQuery = z.output<typeof windowsQuery>;

export const windowsView = z
  .object({
    user: z.string(),
    /** How many activities were too late to count. */
    late: count,
    items: z.array(
      z.object({
        ...period,
        /** False: of an anonymous session of that id. */
        known: z.boolean(),
        activities: count,
        pageViews: count,
        uniquePages: count,
        purchases: count,
        spend: money,
        averageOrderValue: money.nullable(),
      }),
    ),
    nextCursor: z.string().nullable(),
  })
  .meta({ id: 'ActivityWindows' });
export type WindowsView = z.output<typeof windowsView>;

export const sessionsQuery = z.strictObject({
  ...paging,
  ...periodQuery,
  customerId: text(1, 100).optional(),
});
export type SessionsQuery = z.output<typeof sessionsQuery>;

export const sessionView = z
  .object({
    sessionId: z.string(),
    customerId: z.string().nullable(),
    country: country.nullable(),
    ...period,
    durationMs: count,
    /** It was one page view and nothing else. */
    bounced: z.boolean(),
    activities: count,
    pageViews: count,
    spend: money,
    entryPage: z.string().nullable(),
    exitPage: z.string().nullable(),
    types: z.array(z.object({ type: activityType, times: count })),
  })
  .meta({ id: 'ActivitySession' });
export type SessionView = z.output<typeof sessionView>;
export const sessionPage = z
  .object({ items: z.array(sessionView), nextCursor: z.string().nullable() })
  .meta({ id: 'ActivitySessions' });

export const topQuery = z.strictObject({ ...periodQuery, limit: wholeNumber(1, 200).default(50) });
export type TopQuery = z.output<typeof topQuery>;

export const pagesView = z
  .object({
    ...period,
    items: z.array(
      z.object({ path: z.string(), category: pageCategory, views: count, sessions: count }),
    ),
    nextCursor: z.null(),
  })
  .meta({ id: 'PageViews' });
export type PagesView = z.output<typeof pagesView>;

const bounces = { sessions: count, bounced: count, bounceRate: rate };
export const bounceView = z
  .object({
    ...period,
    ...bounces,
    entryPages: z.array(z.object({ path: z.string(), ...bounces })),
  })
  .meta({ id: 'BounceRate' });
export type BounceView = z.output<typeof bounceView>;

export const funnelQuery = z.strictObject(periodQuery);
export type FunnelQuery = z.output<typeof funnelQuery>;
export const funnelView = z
  .object({
    ...period,
    steps: z.array(
      z.object({
        step: z.enum(['viewed', 'added_to_cart', 'checkout_started', 'purchased']),
        sessions: count,
        /** Of the sessions of the step before. */
        conversion: rate,
      }),
    ),
  })
  .meta({ id: 'Funnel' });
export type FunnelView = z.output<typeof funnelView>;
