import { Refusal, type StatusName } from '@waybill/grpc';
import { problemOf } from '@waybill/http';

const statuses: Readonly<Record<number, Exclude<StatusName, 'OK'>>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'FAILED_PRECONDITION',
  413: 'RESOURCE_EXHAUSTED',
  422: 'FAILED_PRECONDITION',
  429: 'RESOURCE_EXHAUSTED',
  503: 'UNAVAILABLE',
};

/** The gRPC status of an error that is a problem over HTTP; null for a server error. */
export function refusalOf(
  error: unknown,
  serviceStatuses: Readonly<Record<string, number>> = {},
): Refusal | null {
  const { status, code, detail } = problemOf(error, serviceStatuses);
  const name = statuses[status];
  return name ? new Refusal(name, detail, { reason: code, cause: error }) : null;
}
