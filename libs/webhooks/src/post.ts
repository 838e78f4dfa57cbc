import { Resolver } from 'node:dns/promises';
import { type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import {
  type EndpointRules,
  endpointRefusal,
  hostOf,
  isLoopbackAddress,
  isPublicAddress,
} from './endpoint.ts';

/** What is sent. */
export interface Posting {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** How an endpoint answered. Its body is read, and not kept. */
export interface Posted {
  readonly status: number;
  /** The header `Retry-After`. */
  readonly retryAfter: string | null;
  /** How much of the body was read. */
  readonly bytes: number;
}

export interface PostOptions extends EndpointRules {
  /** Milliseconds for everything, from the name of the host to the end of the answer; default 15,000. */
  readonly timeout?: number;
  /** How much of the body of an answer is read; default 64 KiB. */
  readonly largest?: number;
  /** The addresses of a host; default: those of the system. */
  readonly resolve?: (host: string) => Promise<readonly Address[]>;
  /** Gives up. */
  readonly signal?: AbortSignal;
}

/** One address of a host. */
export interface Address {
  readonly address: string;
  readonly family: number;
}

/** Why there was no answer. It tells nothing about the network of the sender. */
export type PostFailure =
  | 'address_refused'
  | 'host_unknown'
  | 'unreachable'
  | 'tls_failed'
  | 'answer_invalid'
  | 'timed_out'
  | 'stopped';

/** An endpoint did not answer, or was not called. */
export class NotPosted extends Error {
  constructor(
    readonly code: PostFailure,
    cause?: unknown,
  ) {
    super(code, { cause });
    this.name = 'NotPosted';
  }
}

/**
 * Posts to an endpoint of a stranger. Only public addresses are connected to: those that the name of the host has at that moment are
 * checked, and one of them is used, so that there is no second look-up which could have another result. Redirects are answers like
 * others. Rejects with `NotPosted`.
 */
export async function post(posting: Posting, options: PostOptions): Promise<Posted> {
  if (endpointRefusal(posting.url, options) !== null) throw new NotPosted('address_refused');
  const deadline = AbortSignal.timeout(options.timeout ?? 15_000);
  const signals = options.signal ? [deadline, options.signal] : [deadline];
  try {
    return await exchange(posting, options, AbortSignal.any(signals));
  } catch (error) {
    if (options.signal?.aborted) throw new NotPosted('stopped', error);
    throw new NotPosted(deadline.aborted ? 'timed_out' : failureOf(error), error);
  }
}

function exchange(
  { url, headers, body }: Posting,
  { largest = 65_536, ...options }: PostOptions,
  signal: AbortSignal,
): Promise<Posted> {
  const target = new URL(url);
  const settings: RequestOptions = {
    method: 'POST',
    // A connection of its own: its address was checked for this request.
    agent: false,
    headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    lookup: checkedLookup(target, options),
    signal,
  };
  return new Promise<Posted>((resolve, reject) => {
    const sending = (target.protocol === 'http:' ? requestHttp : requestHttps)(target, settings);
    sending.once('response', (answer) => {
      let bytes = 0;
      const end = (): void => {
        resolve({
          status: answer.statusCode ?? 0,
          retryAfter: answer.headers['retry-after'] ?? null,
          bytes: Math.min(bytes, largest),
        });
        sending.destroy();
      };
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > largest) end();
      });
      answer.once('end', end);
      answer.once('error', reject);
    });
    sending.on('error', reject);
    sending.once('close', () => reject(new Error('the connection was closed')));
    sending.end(body);
  });
}

/** Looks a host up and checks every address before the socket gets them. */
function checkedLookup(target: URL, { loopback, resolve = systemLookup }: PostOptions) {
  const isAllowed = ({ address }: Address): boolean =>
    (target.protocol === 'https:' && isPublicAddress(address)) ||
    (loopback && isLoopbackAddress(address));
  const find = async (): Promise<readonly Address[]> => {
    const found = await resolve(hostOf(target));
    if (found.length === 0 || !found.every(isAllowed)) throw new NotPosted('address_refused');
    return found;
  };
  const lookup = (
    _: string,
    options: { readonly all?: boolean },
    callback: (error: unknown, found?: unknown, family?: number) => void,
  ): void => {
    find().then((found) => {
      if (options.all) callback(null, found);
      else callback(null, found[0]?.address, found[0]?.family);
    }, callback);
  };
  return lookup as LookupFunction;
}

/**
 * Asks the name servers itself: look-ups by the operating system share a few threads, which slow names of strangers would occupy. It knows
 * no names of the hosts file but this machine's.
 */
async function systemLookup(host: string): Promise<Address[]> {
  if (host === 'localhost') return [address(4)('127.0.0.1'), address(6)('::1')];
  const resolver = new Resolver({ timeout: 3_000, tries: 2 });
  const found = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  const [v4, v6] = found.map((each) => (each.status === 'fulfilled' ? each.value : []));
  const all = [...(v4 ?? []).map(address(4)), ...(v6 ?? []).map(address(6))];
  if (all.length === 0) throw new NotPosted('host_unknown');
  return all;
}

const address =
  (family: number) =>
  (text: string): Address => ({ address: text, family });

function failureOf(error: unknown): PostFailure {
  if (error instanceof NotPosted) return error.code;
  const code = String((error as { code?: unknown } | null)?.code ?? '');
  if (/^HPE_/.test(code)) return 'answer_invalid';
  return /CERT|TLS|SSL|SIGNATURE|ISSUER|EPROTO/.test(code) ? 'tls_failed' : 'unreachable';
}
