import { z } from 'zod';

/** The faults of a carrier or the supplier, whose orders are bookings here; for tests and demonstrations. */
export const faults = z.strictObject({
  /** Milliseconds before every response. */
  latencyMs: z.int().min(0).max(60_000).default(0),
  /** Share of requests that fail without an effect. */
  errorShare: z.number().min(0).max(1).default(0),
  /** The status of those failures. */
  errorStatus: z.union([z.literal(429), z.literal(500), z.literal(503)]).default(503),
  /** Cuts every connection. */
  down: z.boolean().default(false),
  /** Share of bookings that take effect although their response is lost. */
  loseBookings: z.number().min(0).max(1).default(0),
  /** Share of bookings that are refused permanently. */
  refuseBookings: z.number().min(0).max(1).default(0),
  /** How often each webhook is sent. */
  webhookCopies: z.int().min(1).max(10).default(1),
  /** Webhooks of one call are sent in reverse order. */
  webhooksReversed: z.boolean().default(false),
  /** The supplier takes orders, and delivers nothing unless `POST /deliveries` says so. */
  neverDelivers: z.boolean().default(false),
});
export type Faults = z.output<typeof faults>;

/** A fault that ends a request without a response. */
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

  /** Replaces the faults of a carrier; a fault that is not named is off. */
  set(carrier: string, value: z.input<typeof faults>): Faults {
    const parsed = faults.parse(value);
    this.current.set(carrier, parsed);
    return parsed;
  }

  /** Decides at random whether a fault with this share strikes. */
  strikes(share: number): boolean {
    return share > 0 && this.random() < share;
  }
}
