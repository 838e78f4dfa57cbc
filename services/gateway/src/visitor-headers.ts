import { createHmac, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { countryHeader, identityHeaders, networkHeader } from '@waybill/http';
import { addressHeaders } from './caller-address.ts';
import { countryOf } from './country.ts';
import { networkOf } from './network.ts';

/** How the paths begin whose routes need to know where the caller is. */
const needing = ['/api/v1/activity', '/api/v1/availability/'];

/** Headers in which a caller claims who it is, and where. */
const claims: ReadonlySet<string> = new Set([
  ...identityHeaders,
  ...addressHeaders,
  countryHeader,
  networkHeader,
]);

/** Known to this process alone, so that nobody else can compute which address a network is. */
const secret = randomBytes(32);

/**
 * Removes from the headers of a request who and where its caller claims to be, and puts the caller's country, and a name of its network, into those of a
 * request that needs them; the address goes no further.
 */
export function setVisitorHeaders(request: IncomingMessage, address: string | undefined): void {
  // Looking up the names that came costs less than removing each that could have come.
  for (const name in request.headers) if (claims.has(name)) delete request.headers[name];
  if (!needing.some((start) => request.url?.startsWith(start))) return;
  const country = countryOf(address);
  if (country) request.headers[countryHeader] = country;
  request.headers[networkHeader] = createHmac('sha256', secret)
    .update(networkOf(address))
    .digest('base64url');
}
