import type { CheckReport, SloMinute } from '@waybill/observability';

/** The health of one process, as this gateway sees it; of healthy checks nothing. */
export interface ProcessHealth {
  readonly service: string;
  /** False if it did not answer. */
  readonly answered: boolean;
  readonly bad: readonly BadCheck[];
}

/** A check that is not healthy. */
export interface BadCheck
  extends Pick<CheckReport, 'name' | 'value' | 'threshold' | 'unit' | 'about'> {
  readonly status: 'degraded' | 'unhealthy';
}

/** Injects the `HealthReceiver`; null if the process has none. */
export const HEALTH_RECEIVER = Symbol('waybill:health-receiver');

/** Takes what gateways see of the health of the system, raises alerts, and keeps their counts. */
export abstract class HealthReceiver {
  /** `source` is this gateway; a later report replaces an earlier one of it. */
  abstract receive(source: string, processes: readonly ProcessHealth[]): Promise<void>;
  /** Stores what `source` has counted of the goal that orders are answered; resolves with what all other gateways have. */
  abstract count(source: string, accepts: readonly SloMinute[]): Promise<readonly SloMinute[]>;
}
