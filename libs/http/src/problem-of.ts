import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { Problem } from './problem.ts';
import { invalidRequest } from './validation.pipe.ts';

/** Status by code, for errors that any service may meet. */
const statuses: Readonly<Record<string, number>> = {
  overloaded: 503,
  unavailable: 503,
  broker_full: 503,
  request_timed_out: 503,
  circuit_open: 503,
  bulkhead_full: 503,
  timed_out: 503,
  broker_closed: 503,
  confirm_lost: 503,
  ingest_timed_out: 503,
  keys_unavailable: 503,
  no_such_dead_letter: 404,
  unknown_saga: 404,
  concurrency_conflict: 409,
  not_redrivable: 409,
  not_supported: 409,
  group_in_use: 409,
  invalid_message: 422,
  too_many_tries: 429,
};

interface Known {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

const ofFastify: Readonly<Record<string, Known>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: {
    status: 413,
    code: 'body_too_large',
    detail: 'the body is larger than this route takes',
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    status: 415,
    code: 'unsupported_media_type',
    detail: 'the body must be application/json',
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    status: 400,
    code: 'malformed_request',
    detail: 'the body is not as long as its Content-Length',
  },
  FST_ERR_BAD_URL: { status: 400, code: 'malformed_url', detail: 'the URL cannot be read' },
  FST_ERR_MAX_PARAM_LENGTH: {
    status: 414,
    code: 'uri_too_long',
    detail: 'a part of the path is too long',
  },
};

const byStatus: Readonly<Record<number, string>> = {
  400: 'invalid_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  409: 'conflict',
  413: 'body_too_large',
  414: 'uri_too_long',
  415: 'unsupported_media_type',
  422: 'unprocessable',
  429: 'too_many_requests',
  503: 'unavailable',
};

/** SQLSTATE classes and Node error codes that mean a dependency is unavailable, not that the request was bad. */
const goneCodes =
  /^(08|53|57)[0-9A-Z]{3}$|^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN)$/;
const goneTexts =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|timeout expired|Cannot use a pool after|Driver not Connected|Query read timeout)/;

/** The problem that a caller gets for an error. An unknown error is a 500 with nothing but its correlation id. */
export function problemOf(
  error: unknown,
  serviceStatuses: Readonly<Record<string, number>> = {},
): Problem {
  if (isProblem(error)) return error;
  if (error instanceof z.ZodError) return invalidRequest(error, 'the request');
  if (!isObject(error)) return internal(error);
  const code = textOf(error, 'code');
  const known = ofFastify[code];
  if (known) return new Problem(known.status, known.code, known.detail, { cause: error });
  const status = serviceStatuses[code] ?? statuses[code];
  if (status !== undefined) return coded(error, status, code);
  if (isGone(error)) return away(error);
  return ofStatus(error) ?? internal(error);
}

/** Recognised by its fields, because an error may come from another realm. */
const isProblem = (error: unknown): error is Problem =>
  isObject(error) && textOf(error, 'name') === 'Problem' && typeof error['status'] === 'number';

function coded(error: Record<string, unknown>, status: number, code: string): Problem {
  const seconds = error['retryAfterSeconds'] ?? (status === 503 ? 2 : undefined);
  const headers: Record<string, string> =
    typeof seconds === 'number' ? { 'retry-after': String(seconds) } : {};
  const detail = textOf(error, 'message');
  // An error that names the one field it is about.
  const path = textOf(error, 'path');
  const errors = path ? { errors: [{ path, message: detail }] } : {};
  return new Problem(status, code, detail, { headers, cause: error, ...errors });
}

const away = (error: unknown): Problem =>
  new Problem(503, 'unavailable', 'something that this service needs does not answer; try again', {
    headers: { 'retry-after': '2' },
    cause: error,
  });

function isGone(error: Record<string, unknown>): boolean {
  const driver = isObject(error['driverError']) ? error['driverError'] : error;
  return goneCodes.test(textOf(driver, 'code')) || goneTexts.test(textOf(driver, 'message'));
}

/** Errors of Nest and of Fastify's plugins carry a status; their texts are meant for callers only below 500. */
function ofStatus(error: Record<string, unknown>): Problem | undefined {
  const found = error['statusCode'] ?? error['status'];
  if (typeof found !== 'number' || found < 400 || found > 499) return undefined;
  const code = byStatus[found] ?? 'refused';
  const detail = textOf(error, 'message') || (STATUS_CODES[found] ?? 'refused');
  return new Problem(found, code, detail, { cause: error });
}

const internal = (error: unknown): Problem =>
  new Problem(
    500,
    'internal',
    'something went wrong here; the log has it under the correlation id',
    {
      cause: error,
    },
  );

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
const textOf = (value: object, field: string): string => {
  const found = (value as Record<string, unknown>)[field];
  return typeof found === 'string' ? found : '';
};
