import { isIP } from 'node:net';
import { z } from 'zod';
import { canonicalAddress } from './caller-address.ts';
import { commaList } from './comma-list.ts';

const ranges = ['loopback', 'linklocal', 'uniquelocal'];

/** `proxy-addr` also takes `10`, `0x0a.0.0.0` and net masks, which say other than what they seem to. */
function isAddressOrRange(text: string): boolean {
  if (ranges.includes(text)) return true;
  const [address = '', length, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || address.includes('%') || more.length > 0) return false;
  if (length === undefined) return true;
  return /^\d{1,3}$/.test(length) && Number(length) <= (family === 4 ? 32 : 128);
}

const isEverybody = (text: string): boolean => /\/0+$/.test(text);

/** `::ffff:0.0.0.0/96` would be every IPv4 address. */
function isMappedRange(text: string): boolean {
  const [address = '', length] = text.split('/');
  return length !== undefined && isIP(address) === 6 && /^::ffff:/.test(canonicalAddress(address));
}

const proxy = z
  .string()
  .refine(
    isAddressOrRange,
    'is no address such as 192.0.2.7, no range such as 10.0.0.0/8, and none of loopback, linklocal, uniquelocal',
  )
  .refine(
    (text) => !isEverybody(text),
    'is the range of all addresses: every caller could choose its own',
  )
  .refine(
    (text) => !isMappedRange(text),
    'is a range of IPv4 addresses as IPv6; write it as 10.0.0.0/8',
  );

/** The setting of the proxies in front of the gateway. */
export const trustedProxies = commaList(proxy);
