import { isIPv4 } from 'node:net';

/**
 * The gRPC target of `grpc://inventory:9082`, or of several such URLs separated by commas. Several must be IPv4 addresses,
 * because gRPC can combine addresses, but not names, in one target. Throws a `TypeError`.
 */
export function targetOf(url: string): string {
  isByTls(url);
  const places = url.split(',').map((each) => each.trim().replace(/^grpcs?:\/\//, ''));
  const [only, ...more] = places;
  if (only !== undefined && more.length === 0) return only;
  const named = places.find((place) => !isIPv4(place.split(':')[0] ?? ''));
  if (named) throw new TypeError(`of several places each is an IPv4 address, ${named} is not`);
  return `ipv4:${places.join(',')}`;
}

/** True if every URL is `grpcs://`, false if none is; otherwise throws a `TypeError`. */
export function isByTls(url: string): boolean {
  const secured = url.split(',').map((each) => each.trim().startsWith('grpcs://'));
  if (new Set(secured).size > 1) throw new TypeError('of several places all are by TLS, or none');
  return secured[0] === true;
}
