import { noDeliveryTo, noProduct, onSeveralLines } from '@waybill/contracts';
import { Problem } from '@waybill/http';

/** What callers are told of a reason why a service refuses a call. */
interface Refused {
  /** What of the request is wrong, as the refusal names it. */
  readonly about: 'skus' | 'country';
  readonly detail: (...values: readonly string[]) => string;
}
const refusals: Readonly<Record<string, Refused>> = {
  unknown_sku: { about: 'skus', detail: noProduct },
  duplicate_sku: { about: 'skus', detail: onSeveralLines },
  unknown_country: { about: 'country', detail: noDeliveryTo },
};
const away = new Set(['unavailable', 'circuit_open', 'resource_exhausted', 'request_timed_out']);
const headers = { 'retry-after': '2' };

/** A `Refusal` of this process, or the error of a call by gRPC. */
interface Failed {
  readonly reason?: string | null;
  readonly code?: string;
  readonly about?: Readonly<Record<string, string>>;
}

/** Where a SKU is in the request, as a JSON pointer. */
export type PathOfSku = (sku: string) => string;

/** The problem that a caller gets when a service refuses a call or does not respond; another error as it is. */
export function problemOfCall(
  service: string,
  error: unknown,
  pathOf: PathOfSku = () => '',
): unknown {
  if (error instanceof Problem) return error;
  const { code = '', reason = code, about = {} } = (error ?? {}) as Failed;
  const refused = refusals[reason ?? code];
  if (refused && reason) {
    const values = (about[refused.about] ?? '').split(',');
    const errors = values.map((value) => ({
      path: refused.about === 'country' ? '/shippingAddress/country' : pathOf(value),
      message: refused.detail(value),
    }));
    return new Problem(422, reason, refused.detail(...values), { errors });
  }
  if (!away.has(code)) return error;
  // Also when it is late: these calls change nothing, so unlike after a 504 there is no doubt what was done.
  const what = code === 'request_timed_out' ? 'did not answer in time' : 'is away';
  const detail = `the ${service} service ${what}; try again`;
  return new Problem(503, 'unavailable', detail, { headers, cause: error });
}
