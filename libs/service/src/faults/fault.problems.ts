import { Problem } from '@waybill/http';

/** Operators may not inject faults into this system. */
export const faultsNotAllowed = (): Problem =>
  new Problem(
    403,
    'faults_not_allowed',
    'this system does not allow faults: it is deployed, and FAULTS_ALLOWED is not true',
  );

export const unknownFault = (
  name: string,
  known: readonly { readonly name: string }[],
): Problem => {
  const names = known.map((each) => each.name).sort();
  return new Problem(
    404,
    'unknown_fault',
    `there is no fault ${name.slice(0, 60)}; the faults are ${names.join(', ')}`,
  );
};

/** An outage lasts for its latency, and concerns all calls. */
export const outageHasNoShare = (): Problem => {
  const message = 'is 0 for an outage, which has only a latencyMs';
  return new Problem(400, 'invalid_request', `share ${message}`, {
    errors: [{ path: '/share', message }],
  });
};
