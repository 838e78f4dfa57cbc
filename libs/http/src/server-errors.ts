import type { Clock } from '@waybill/messaging';
import { type Log, SparseWarnings, traceFields } from '@waybill/observability';
import type { Problem } from './problem.ts';

/** A request that was answered with a problem. */
export interface FailedRequest {
  /** Why: the problem itself, or what it was made of. */
  readonly error: unknown;
  /** Its method and its route, or what is known of it. */
  readonly route: string;
  /** What its caller got as `x-request-id`. */
  readonly correlationId: string | undefined;
}

/** Logs the requests that were answered with 5xx, so that each is found by the correlation id that its caller got. */
export class ServerErrors {
  private readonly refusals: SparseWarnings;

  constructor(
    private readonly log: Log,
    clock: Clock,
  ) {
    this.refusals = new SparseWarnings(log, clock);
  }

  /** Call it for 5xx alone. Of many 503 in a second, one line has the number and the first ids; at the level `debug`, each has a line. */
  tell({ status, code }: Problem, { error, route, correlationId }: FailedRequest): void {
    const trace = correlationId === undefined ? {} : traceFields({ correlationId });
    if (status !== 503) {
      this.log.error({ error, route, ...trace }, 'request failed');
      return;
    }
    const reason = error instanceof Error ? error.message : String(error);
    this.log.debug({ code, route, reason, ...trace }, 'request refused for now');
    this.refusals.warn(code, { code, route, reason }, 'requests refused for now', correlationId);
  }
}
