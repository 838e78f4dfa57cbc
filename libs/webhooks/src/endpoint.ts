import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Which endpoints may be called. */
export interface EndpointRules {
  /** Also `http:`, and every port, of this machine itself: for development. */
  readonly loopback: boolean;
}

/** Other ports may belong to something that is not HTTP. */
const ports = new Set(['', '443', '8443']);

/** Metadata of a cloud at a public address; that of the others is link-local or private. */
const metadata = new Set(['168.63.129.16']);

/** True for an address of the public Internet: no private, local, shared, translated, tunnelled or reserved one. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast' || metadata.has(address)) return false;
  return parsed.kind() === 'ipv4' || parsed.match(globalUnicast);
}

/** All addresses of IPv6 that registries assign. */
const globalUnicast = ipaddr.parseCIDR('2000::/3');

/** True for an address of this machine itself. */
export const isLoopbackAddress = (address: string): boolean =>
  isIP(address) !== 0 && ipaddr.parse(address).range() === 'loopback';

/** The host of a URL, without the brackets of IPv6. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');

const isLocalName = (host: string): boolean => host === 'localhost' || isLoopbackAddress(host);

/**
 * Why a URL cannot be an endpoint; null if it can. It looks at the text only: what the name of a host stands for is checked when it is
 * connected to.
 */
export function endpointRefusal(url: string, { loopback }: EndpointRules): string | null {
  if (!URL.canParse(url)) return 'is not a URL';
  const parsed = new URL(url);
  const host = hostOf(parsed);
  if (parsed.username !== '' || parsed.password !== '') return 'has a user name or a password';
  if (loopback && isWeb(parsed) && isLocalName(host)) return null;
  if (parsed.protocol !== 'https:') return 'does not begin with https://';
  if (!ports.has(parsed.port)) return 'has another port than 443 or 8443';
  if (isIP(host) === 0 ? isPublicName(host) : isPublicAddress(host)) return null;
  return 'has a host that is not public';
}

const isWeb = ({ protocol }: URL): boolean => protocol === 'http:' || protocol === 'https:';

/** Names without a dot, and those that only a local network knows. */
const isPublicName = (host: string): boolean =>
  /^[^.].*\.[^.]+\.?$/.test(host) &&
  !/\.(localhost|local|internal|intranet|lan|home|corp|arpa|test|invalid|onion)\.?$/.test(host);
