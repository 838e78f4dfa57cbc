import { enteredLine, exactLine } from '@waybill/contracts';
import { createRemoteJWKSet, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import { type Caller, roles } from './caller.ts';

/** Returns the caller of a token, or throws `InvalidToken`. Answers synchronously for a cached token. */
export interface TokenVerifier {
  verify(token: string): Caller | Promise<Caller>;
}

/** The token does not authenticate a caller; the reason is in the log, not in the message. */
export class InvalidToken extends Error {
  readonly code = 'invalid_token';
  readonly retriable = false;
  constructor(cause?: unknown) {
    super('the token is not valid', { cause });
    this.name = 'InvalidToken';
  }
}

/** The issuer's keys could not be read, so it is unknown whether the token is valid. */
export class IssuerUnavailable extends Error {
  readonly code = 'unavailable';
  readonly retryAfterSeconds = 2;
  constructor(cause: unknown) {
    super('the issuer of tokens does not answer', { cause });
    this.name = 'IssuerUnavailable';
  }
}

export interface VerifierOptions {
  readonly issuer: string;
  readonly audience: string;
  /** Finds the public key for a token's header. */
  readonly keys: JWTVerifyGetKey;
  readonly now?: () => Date;
  /** How many tokens are cached; default 10,000. */
  readonly remembered?: number;
}

const algorithms = ['ES256'];
const longestToken = 4_096;
/** Milliseconds; a key that the issuer withdraws stays accepted for at most this long. */
const rememberFor = 5 * 60_000;

/** Seconds by which the issuer's clock may be ahead of this one. */
const skew = 60;

/** Seconds since 1970, until the end of the year 9999, because a `Date` cannot hold every larger number. */
const instant = z.number().min(0).max(253_402_300_799);

const absent = z.literal('');

const claimsSchema = z.object({
  // The same limit as for customer ids in messages.
  sub: exactLine(1, 100),
  exp: instant,
  nbf: instant.optional(),
  iat: instant.optional(),
  roles: z.array(z.string()).default([]),
  name: absent.or(enteredLine(1, 200)).default(''),
  email: absent.or(enteredLine(1, 320).regex(z.regexes.unicodeEmail)).default(''),
});

interface Remembered {
  readonly caller: Caller;
  readonly until: number;
}

/** Verifies signature, algorithm, issuer, audience and times. Caches tokens, because ES256 costs more than a request. */
export class JwtVerifier implements TokenVerifier {
  private readonly seen = new Map<string, Remembered>();
  private readonly now: () => Date;

  constructor(private readonly options: VerifierOptions) {
    this.now = options.now ?? (() => new Date());
  }

  verify(token: string): Caller | Promise<Caller> {
    const known = this.seen.get(token);
    if (known && known.until > this.now().getTime()) return known.caller;
    if (known) this.seen.delete(token);
    return this.check(token);
  }

  private async check(token: string): Promise<Caller> {
    if (token.length > longestToken) throw new InvalidToken('too long');
    const { issuer, audience, keys } = this.options;
    const currentDate = this.now();
    const verified = await jwtVerify(token, keys, {
      issuer,
      audience,
      algorithms,
      currentDate,
      requiredClaims: ['exp', 'sub'],
    }).catch((error: unknown) => {
      throw error instanceof IssuerUnavailable ? error : new InvalidToken(error);
    });
    const claims = claimsSchema.safeParse(verified.payload);
    if (!claims.success) throw new InvalidToken(claims.error);
    const { sub, exp, iat = 0, name, email } = claims.data;
    if (iat * 1_000 > currentDate.getTime() + skew * 1_000)
      throw new InvalidToken('not issued yet');
    const known = roles.filter((role) => claims.data.roles.includes(role));
    const caller = Object.freeze({ id: sub, roles: known, name, email, expiresAt: exp * 1_000 });
    this.remember(token, caller, Math.min(exp * 1_000, currentDate.getTime() + rememberFor));
    return caller;
  }

  /** Evicts the oldest token first: a token lives an hour at most, so tracking its last use would gain nothing. */
  private remember(token: string, caller: Caller, until: number): void {
    if (this.seen.size >= (this.options.remembered ?? 10_000)) {
      const oldest = this.seen.keys().next().value;
      if (oldest !== undefined) this.seen.delete(oldest);
    }
    this.seen.set(token, { caller, until });
  }
}

/** Verifies tokens with the keys that an issuer publishes. */
export function remoteVerifier(options: {
  issuer: string;
  audience: string;
  jwksUrl: string;
}): TokenVerifier {
  const published = createRemoteJWKSet(new URL(options.jwksUrl), { timeoutDuration: 3_000 });
  const keys: JWTVerifyGetKey = async (header, token) => {
    try {
      return await published(header, token);
    } catch (error) {
      throw isTokensFault(error) ? error : new IssuerUnavailable(error);
    }
  };
  return new JwtVerifier({ ...options, keys });
}

const tokensFaults = [
  'ERR_JWKS_NO_MATCHING_KEY',
  'ERR_JWKS_MULTIPLE_MATCHING_KEYS',
  'ERR_JOSE_NOT_SUPPORTED',
];

const isTokensFault = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && tokensFaults.includes(String(error.code));
