import { z } from 'zod';

const share = z.number().min(0).max(1).default(0);

/** What goes wrong between the caller and the provider's books; everything off by default. */
export const faults = z.strictObject({
  /** Every connection is cut. */
  down: z.boolean().default(false),
  latencyMs: z.int().min(0).max(120_000).default(0),
  /** Share of calls that answer `errorStatus` without an effect. */
  errorShare: share,
  errorStatus: z.union([z.literal(429), z.int().min(500).max(599)]).default(500),
  /** Share of calls that have their effect and lose their answer. */
  lostAnswerShare: share,
  /** Every request is handled twice, and every webhook sent twice. */
  duplicates: z.boolean().default(false),
});
export type Faults = z.output<typeof faults>;

export const noFaults: Faults = faults.parse({});
