import type { StatusName } from './status.ts';

/** An invalid field of a request; `field` is its path, such as `lines[0].sku`. */
export interface FieldViolation {
  readonly field: string;
  readonly description: string;
}

/** The details of a refusal besides its status and text. */
export interface RefusalDetails {
  /** The machine-readable reason, such as `unknown_sku`; sent in upper case. */
  readonly reason?: string;
  /** Details of the reason, such as `{ skus: 'A,B' }`. */
  readonly about?: Readonly<Record<string, string>>;
  readonly violations?: readonly FieldViolation[];
  readonly cause?: unknown;
}

/** Throw it in a gRPC method: the caller gets the status, the text, and the details as `google.rpc.Status`. */
export class Refusal extends Error {
  readonly retriable: boolean;
  readonly reason: string | null;
  readonly about: Readonly<Record<string, string>>;
  readonly violations: readonly FieldViolation[];

  constructor(
    readonly status: Exclude<StatusName, 'OK'>,
    message: string,
    { reason, about, violations, cause }: RefusalDetails = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'Refusal';
    this.retriable = status === 'UNAVAILABLE' || status === 'RESOURCE_EXHAUSTED';
    this.reason = reason ?? null;
    this.about = about ?? {};
    this.violations = violations ?? [];
  }
}
