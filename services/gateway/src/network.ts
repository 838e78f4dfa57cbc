import { isIPv6 } from 'node:net';

/** The part of an address by which callers are counted: an IPv4 address, or the /64 of an IPv6 address, which one caller has whole. */
export function networkOf(address: string | undefined): string {
  const known = (address ?? 'unknown').replace(/^::ffff:(?=\d+\.)/i, '');
  if (!isIPv6(known)) return known;
  const [head = '', tail] = (known.split('%', 1)[0] ?? '').split('::');
  const groups = [groupsOf(head), groupsOf(tail ?? '')] as const;
  const missing = Math.max(0, 8 - groups[0].length - groups[1].length);
  const zeros = tail === undefined ? [] : Array.from({ length: missing }, () => '0');
  const all = [...groups[0], ...zeros, ...groups[1]];
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

const groupsOf = (text: string): readonly string[] => (text ? text.split(':') : []);
