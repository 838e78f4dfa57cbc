import { Problem } from '@waybill/http';

const unreached = new Set([
  'ECONNREFUSED',
  'UND_ERR_CONNECT_TIMEOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  // The TLS handshake failed, so no request was sent.
  'EPROTO',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);
const tooSlow = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

const codeOf = (error: unknown): string => {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown };
  return typeof code === 'string' ? code : cause === undefined ? '' : codeOf(cause);
};

/** True if not one byte can have reached the service, so that another replica may be tried. */
export const isUnreached = (error: unknown): boolean => unreached.has(codeOf(error));

/** True if the service received the request and did not respond in time. */
export const isTooSlow = (error: unknown): boolean =>
  tooSlow.has(codeOf(error)) || (error as { name?: unknown } | undefined)?.name === 'TimeoutError';

/** The problem for a body that no route accepts: the same as that of a service. */
export const bodyTooLarge = (): Problem =>
  new Problem(413, 'body_too_large', 'the body is larger than this route takes', {
    headers: { connection: 'close' },
  });

/** The problem that a caller gets when a service does not respond. */
export function problemFrom(service: string, error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (codeOf(error) === 'UND_ERR_INVALID_ARG') {
    return new Problem(400, 'malformed_request', 'this request cannot be passed on');
  }
  const headers = { 'retry-after': '2' };
  if (isTooSlow(error)) {
    const detail = `the ${service} service did not answer in time; it may still do what was asked`;
    return new Problem(504, 'no_answer_in_time', detail, { headers, cause: error });
  }
  const detail = isUnreached(error)
    ? `the ${service} service is away; try again`
    : `the ${service} service went away before it answered; it may have done what was asked`;
  return new Problem(503, 'unavailable', detail, { headers, cause: error });
}
