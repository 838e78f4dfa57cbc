import { z } from 'zod';

/** What can be wrong with a carrier, for tests and demonstrations. */
export const faults = z.strictObject({
  /** Milliseconds before every answer. */
  latencyMs: z.int().min(0).max(60_000).default(0),
  /** Share of requests that fail before anything happens. */
  errorShare: z.number().min(0).max(1).default(0),
  /** The status of those failures. */
  errorStatus: z.union([z.literal(429), z.literal(500), z.literal(503)]).default(503),
  /** Every connection is cut. */
  down: z.boolean().default(false),
  /** Share of bookings that happen although their answer is lost. */
  loseBookings: z.number().min(0).max(1).default(0),
  /** Share of bookings that are refused for good. */
  refuseBookings: z.number().min(0).max(1).default(0),
  /** How often each webhook is sent. */
  webhookCopies: z.int().min(1).max(10).default(1),
  /** Webhooks of one call are sent last first. */
  webhooksReversed: z.boolean().default(false),
});
export type Faults = z.output<typeof faults>;

/** How a fault ends a request in place of an answer. */
export class CutOff extends Error {
  constructor() {
    super('the carrier hung up');
    this.name = 'CutOff';
  }
}

/** The current faults of every carrier. */
export class FaultBoard {
  private readonly current = new Map<string, Faults>();

  constructor(private readonly random: () => number = Math.random) {}

  of(carrier: string): Faults {
    return this.current.get(carrier) ?? faults.parse({});
  }

  /** Replaces the faults of a carrier; what is not named is healthy. */
  set(carrier: string, value: z.input<typeof faults>): Faults {
    const parsed = faults.parse(value);
    this.current.set(carrier, parsed);
    return parsed;
  }

  /** Hit or miss, for a fault that is a share. */
  strikes(share: number): boolean {
    return share > 0 && this.random() < share;
  }
}
