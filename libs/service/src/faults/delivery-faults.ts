import type { FaultPoint } from './fault-points.ts';

/** What operators can let go wrong between a service and one broker. */
export interface DeliveryFaults {
  /** The share of deliveries that arrive twice; its latency is how much later the second one comes. */
  readonly duplicates: FaultPoint;
  /** The share of deliveries that deliveries of other keys overtake; its latency is for how long. */
  readonly reordering: FaultPoint;
  /** While it is on, the broker is out of reach. */
  readonly outage: FaultPoint;
}
