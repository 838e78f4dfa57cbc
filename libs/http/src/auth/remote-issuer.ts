import type { Clock } from '@waybill/messaging';
import type { JSONWebKeySet } from 'jose';
import { z } from 'zod';
import { PublishedKeys } from './published-keys.ts';
import { JwtVerifier, type TokenVerifier } from './token-verifier.ts';

/** An issuer of tokens in another process. */
export interface RemoteIssuer {
  /** The `iss` of its tokens. */
  readonly issuer: string;
  readonly audience: string;
  /** Where its keys are, at each of its replicas; empty: where its OpenID configuration says. */
  readonly jwksUrls: readonly string[];
  /** Which signatures are accepted; default ES256 alone. */
  readonly algorithms?: readonly string[];
  /** The claim with the caller's roles: a name, or names of nested claims separated by dots. Default `roles`. */
  readonly rolesClaim?: string;
  readonly clock: Clock;
}

const patience = 3_000;
const longestAnswer = 1024 * 1024;

const keySet = z.looseObject({
  keys: z.array(z.looseObject({ kty: z.string() })).max(1_000),
});
const configuration = z.looseObject({ issuer: z.string(), jwks_uri: z.url() });

/** Verifies tokens with the keys that an issuer publishes. Connects at the first token, so the issuer may start later. */
export function remoteVerifier(remote: RemoteIssuer): TokenVerifier {
  const { clock } = remote;
  const published = new PublishedKeys(() => keysOf(remote), clock);
  return new JwtVerifier({ ...remote, keys: published.find, now: () => clock.now() });
}

async function keysOf({ issuer, jwksUrls }: RemoteIssuer): Promise<JSONWebKeySet> {
  const urls = jwksUrls.length > 0 ? jwksUrls : [await discovered(issuer)];
  let failure: unknown;
  for (const url of urls) {
    try {
      return keySet.parse(await read(url));
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** The `jwks_uri` of an issuer's OpenID configuration, which must name the same issuer. */
async function discovered(issuer: string): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const found = configuration.parse(await read(url));
  if (found.issuer === issuer) return found.jwks_uri;
  throw new Error(`${url} is of another issuer`);
}

async function read(url: string): Promise<unknown> {
  const response = await fetch(url, {
    headers: { accept: 'application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(patience),
  });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  let text = '';
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    text += Buffer.from(chunk).toString('latin1');
    if (text.length > longestAnswer) throw new Error(`${url} answers too much`);
  }
  return JSON.parse(Buffer.from(text, 'latin1').toString('utf8'));
}
