import { instant, money } from '@waybill/contracts';
import { z } from 'zod';
import { periodQuery } from './period.ts';

export const summaryQuery = z.strictObject(periodQuery);
export type SummaryQuery = z.output<typeof summaryQuery>;

const count = z.int().min(0);
const counts = { placed: count, confirmed: count, rejected: count, cancelled: count };

export const summaryView = z
  .object({
    from: instant,
    to: instant,
    ...counts,
    revenue: money,
    averageOrderValue: money.nullable(),
    minutes: z.array(z.object({ minute: instant, ...counts, revenue: money })),
    regions: z.array(
      z.object({ region: z.string(), shippingMethod: z.string(), orders: count, revenue: money }),
    ),
  })
  .meta({ id: 'AnalyticsSummary' });
export type SummaryView = z.output<typeof summaryView>;
