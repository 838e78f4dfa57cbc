import { enteredLine, exactLine } from '@waybill/contracts';
import { type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import { type Caller, type Role, roles } from './caller.ts';
import { IssuerUnavailable } from './issuer-unavailable.ts';

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

export interface VerifierOptions {
  readonly issuer: string;
  readonly audience: string;
  /** Finds the public key for a token's header. */
  readonly keys: JWTVerifyGetKey;
  readonly now?: () => Date;
  /** Which signatures are accepted; default ES256 alone. */
  readonly algorithms?: readonly string[];
  /** The claim with the caller's roles: a name, or names of nested claims separated by dots. Default `roles`. */
  readonly rolesClaim?: string;
  /** How many tokens are cached; default 10,000. */
  readonly remembered?: number;
}

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
  /** The session of a token of our own issuer; what others mean by it does not matter here. */
  sid: exactLine(1, 100).optional().catch(undefined),
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
    const { issuer, audience, keys, algorithms = ['ES256'], rolesClaim = 'roles' } = this.options;
    const currentDate = this.now();
    const verified = await jwtVerify(token, keys, {
      issuer,
      audience,
      algorithms: [...algorithms],
      currentDate,
      requiredClaims: ['exp', 'sub'],
    }).catch((error: unknown) => {
      throw error instanceof IssuerUnavailable ? error : new InvalidToken(error);
    });
    const claims = claimsSchema.safeParse(verified.payload);
    if (!claims.success) throw new InvalidToken(claims.error);
    const { sub, exp, iat = 0, name, email, sid } = claims.data;
    if (iat * 1_000 > currentDate.getTime() + skew * 1_000)
      throw new InvalidToken('not issued yet');
    const caller: Caller = Object.freeze({
      id: sub,
      roles: rolesIn(verified.payload, rolesClaim),
      name,
      email,
      expiresAt: exp * 1_000,
      ...(sid === undefined ? {} : { session: sid }),
    });
    this.remember(token, caller, Math.min(exp * 1_000, currentDate.getTime() + rememberFor));
    return caller;
  }

  /** Evicts the oldest token first: tokens do not live long, so tracking its last use would gain nothing. */
  private remember(token: string, caller: Caller, until: number): void {
    if (this.seen.size >= (this.options.remembered ?? 10_000)) {
      const oldest = this.seen.keys().next().value;
      if (oldest !== undefined) this.seen.delete(oldest);
    }
    this.seen.set(token, { caller, until });
  }
}

const roleList = z.array(z.string()).default([]);

/** The roles that exist here, of those in the claim; throws `InvalidToken` if it is no list of names. */
function rolesIn(claims: object, claim: string): readonly Role[] {
  const found = roleList.safeParse(claimAt(claims, claim));
  if (!found.success) throw new InvalidToken(found.error);
  return roles.filter((role) => found.data.includes(role));
}

/** A claim may be named by a URL, which has dots itself. */
function claimAt(claims: object, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path as keyof typeof claims];
  let at: unknown = claims;
  for (const name of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}
