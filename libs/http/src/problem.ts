import { STATUS_CODES } from 'node:http';
import { Refusal } from '@waybill/resilience';

/** One invalid field of a request; `path` is a JSON pointer. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

export interface ProblemOptions {
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** The body of an error response, as defined by RFC 9457. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly correlationId?: string;
  readonly errors?: readonly FieldError[];
}

/** Throw it in a route: the caller gets `application/problem+json` with a stable code. */
export class Problem extends Refusal {
  readonly retriable = false;
  readonly errors: readonly FieldError[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    options: ProblemOptions = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Problem';
    this.errors = options.errors;
    this.headers = options.headers ?? {};
  }

  body(correlationId?: string): ProblemBody {
    return {
      type: `urn:waybill:problem:${this.code}`,
      title: STATUS_CODES[this.status] ?? 'Error',
      status: this.status,
      detail: this.detail,
      code: this.code,
      ...(correlationId === undefined ? {} : { correlationId }),
      ...(this.errors ? { errors: this.errors } : {}),
    };
  }
}

/** The 400 problem of a part of a request, such as `the body`, that names each invalid field and its rule. */
export function invalidFields(whole: string, errors: readonly FieldError[]): Problem {
  const [first] = errors;
  const place = first?.path ? `${whole}: ${first.path}` : whole;
  const detail = `${place} ${first?.message ?? 'is not valid'}`;
  return new Problem(400, 'invalid_request', detail, { errors });
}

/** The media type of every error response. */
export const problemType = 'application/problem+json; charset=utf-8';
