import { createHmac, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { countryHeader, networkHeader } from '@waybill/http';
import { countryOf } from './country.ts';
import { networkOf } from './network.ts';

/** The routes whose services need to know where the caller is. */
const needing = ['/api/v1/activity'];

/** Known to this process alone, so that nobody else can compute which address a network is. */
const secret = randomBytes(32);

/** Puts the country of a caller, and a name of its network, into the headers of a request that needs them; the address goes no further. */
export function setVisitorHeaders(request: IncomingMessage): void {
  delete request.headers[countryHeader];
  delete request.headers[networkHeader];
  if (!needing.includes(request.url?.split('?', 1)[0] ?? '')) return;
  const { remoteAddress } = request.socket;
  const country = countryOf(remoteAddress);
  if (country) request.headers[countryHeader] = country;
  request.headers[networkHeader] = createHmac('sha256', secret)
    .update(networkOf(remoteAddress))
    .digest('base64url');
}
