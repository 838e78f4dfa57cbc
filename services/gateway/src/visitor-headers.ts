import { createHmac, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { countryHeader, networkHeader } from '@waybill/http';
import { addressHeaders } from './caller-address.ts';
import { countryOf } from './country.ts';
import { networkOf } from './network.ts';

/** How the paths begin whose routes need to know where the caller is. */
const needing = ['/api/v1/activity', '/api/v1/availability/'];

/** Known to this process alone, so that nobody else can compute which address a network is. */
const secret = randomBytes(32);

/** Puts the country of a caller, and a name of its network, into the headers of a request that needs them; the address goes no further. */
export function setVisitorHeaders(request: IncomingMessage, address: string | undefined): void {
  for (const name of addressHeaders) delete request.headers[name];
  delete request.headers[countryHeader];
  delete request.headers[networkHeader];
  if (!needing.some((start) => request.url?.startsWith(start))) return;
  const country = countryOf(address);
  if (country) request.headers[countryHeader] = country;
  request.headers[networkHeader] = createHmac('sha256', secret)
    .update(networkOf(address))
    .digest('base64url');
}
