import type { StatusName } from './status.ts';

/** A field of a request that is wrong; `field` is its path, such as `lines[0].sku`. */
export interface FieldViolation {
  readonly field: string;
  readonly description: string;
}

/** What a refusal tells beside its status and text. */
export interface RefusalDetails {
  /** Why, for programs, such as `unknown_sku`; told in capitals. */
  readonly reason?: string;
  /** What it is about, such as `{ skus: 'A,B' }`. */
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
