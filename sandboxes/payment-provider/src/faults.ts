import { z } from 'zod';

const share = z.number().min(0).max(1).default(0);

/** The faults between the caller and the provider's books; all off by default. */
export const faults = z.strictObject({
  /** Cuts every connection. */
  down: z.boolean().default(false),
  latencyMs: z.int().min(0).max(120_000).default(0),
  /** Share of calls that return `errorStatus` without an effect. */
  errorShare: share,
  errorStatus: z.union([z.literal(429), z.int().min(500).max(599)]).default(500),
  /** Share of calls that take effect and lose their response. */
  lostAnswerShare: share,
  /** Every request is handled twice, and every webhook sent twice. */
  duplicates: z.boolean().default(false),
  /** Only of Stripe's API: a search finds nothing, as if its index lagged behind. */
  searchLags: z.boolean().default(false),
});
export type Faults = z.output<typeof faults>;

export const noFaults: Faults = faults.parse({});
