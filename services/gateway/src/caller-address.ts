import type { IncomingMessage } from 'node:http';
import { isIP, isIPv6, SocketAddress } from 'node:net';
import proxyAddr from '@fastify/proxy-addr';

/** The address of who sent a request; undefined once the connection is gone. */
export type CallerAddress = (
  request: Pick<IncomingMessage, 'headers' | 'socket'>,
) => string | undefined;

/** The address of the connection, whatever its headers claim. */
export const peerAddress: CallerAddress = ({ socket }) => socket.remoteAddress;

/** Nobody has more proxies in a row, so nobody makes us read more of a header. */
const mostHops = 16;

/**
 * The address of who sent a request to the outermost of our proxies: `X-Forwarded-For` is read from the right, as long as a trusted
 * proxy vouches for what it says. Where an entry is no address, the caller is the proxy that has added it.
 */
export function callerBehind(proxies: readonly string[]): CallerAddress {
  if (proxies.length === 0) return peerAddress;
  const isTrusted = proxyAddr.compile([...proxies]);
  return ({ headers: { 'x-forwarded-for': header }, socket: { remoteAddress } }) => {
    if (remoteAddress === undefined || typeof header !== 'string') return remoteAddress;
    let caller = remoteAddress;
    let end = header.length;
    for (let hop = 0; hop < mostHops && end > 0 && isTrusted(caller, hop); hop += 1) {
      const start = header.lastIndexOf(',', end - 1) + 1;
      const sender = addressIn(header.slice(start, end).trim());
      if (sender === null) break;
      caller = sender;
      end = start - 1;
    }
    return caller;
  };
}

/** Some proxies add the port, and the brackets that an IPv6 address has beside one. */
const withPort = /^(?:\[([^\]]+)\]|(\d+\.\d+\.\d+\.\d+))(?::\d{1,5})?$/;

/** The address that an entry names, in its one canonical form; null if it names none. */
function addressIn(entry: string): string | null {
  const [, bracketed, plain] = withPort.exec(entry) ?? [];
  const address = bracketed ?? plain ?? entry;
  return isIP(address) === 0 ? null : canonicalAddress(address);
}

/** One spelling of an address, without its zone; that of an IPv4 address that is mapped into IPv6 begins with `::ffff:`. */
export function canonicalAddress(address: string): string {
  if (!isIPv6(address)) return address;
  const [plain = address] = address.split('%', 1);
  return new SocketAddress({ address: plain, family: 'ipv6' }).address;
}

/** Headers in which proxies name the caller: nobody behind the gateway gets them. */
export const addressHeaders = [
  'x-forwarded-for',
  'forwarded',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-original-forwarded-for',
  'x-envoy-external-address',
  'true-client-ip',
  'cf-connecting-ip',
  'cf-connecting-ipv6',
  'fastly-client-ip',
  'cloudfront-viewer-address',
  'x-azure-clientip',
  'x-azure-socketip',
] as const;

const ofProxies: ReadonlySet<string> = new Set([...addressHeaders, 'via']);

/** True if a proxy has passed the request on, as far as its headers tell; `rawHeaders` are those before the gateway removes any. */
export const isForwarded = ({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): boolean =>
  rawHeaders.some((text, at) => {
    if (at % 2 === 1) return false;
    const name = text.toLowerCase();
    return name.startsWith('x-forwarded-') || ofProxies.has(name);
  });
