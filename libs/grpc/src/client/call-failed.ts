import { RequestTimedOut, Unavailable } from '@waybill/messaging';
import type { FieldViolation } from '../refusal.ts';
import { type StatusName, statusName } from '../status.ts';
import { detailsTrailer, readDetails } from '../status-details.ts';

/** The server refused a call. `code` is its reason, or the status in lower case if it gave none. */
export class CallFailed extends Error {
  readonly code: string;
  readonly retriable: boolean;

  constructor(
    method: string,
    readonly status: StatusName,
    text: string,
    reason: string | null,
    /** Details of the reason, such as `{ skus: 'A,B' }`. */
    readonly about: Readonly<Record<string, string>>,
    readonly violations: readonly FieldViolation[],
  ) {
    super(`${method} was refused: ${text}`);
    this.name = 'CallFailed';
    this.code = reason ?? status.toLowerCase();
    this.retriable = status === 'RESOURCE_EXHAUSTED' || status === 'ABORTED';
  }
}

interface ServiceError {
  readonly code: number;
  readonly details: string;
  readonly metadata?: { get(key: string): readonly (string | Buffer)[] };
}

/** The client's error for a gRPC error: `Unavailable`, `RequestTimedOut`, or `CallFailed`. */
export function failureOf(error: unknown, method: string, deadline: number): Error {
  if (!isServiceError(error)) return error instanceof Error ? error : new Error(String(error));
  const status = statusName(error.code);
  if (status === 'DEADLINE_EXCEEDED') return new RequestTimedOut(method, deadline);
  // A call that its caller gives up tells nobody, so a cancelled one was ended by a server that stops.
  if (status === 'UNAVAILABLE' || status === 'CANCELLED') {
    return Object.assign(new Unavailable(`nobody serves ${method}: ${error.details}`), {
      cause: error,
    });
  }
  const [bytes] = error.metadata?.get(detailsTrailer) ?? [];
  const { reason, about, violations } = readDetails(Buffer.isBuffer(bytes) ? bytes : undefined);
  return new CallFailed(method, status, error.details, reason, about, violations);
}

const isServiceError = (error: unknown): error is ServiceError =>
  typeof error === 'object' && error !== null && 'code' in error && 'details' in error;
