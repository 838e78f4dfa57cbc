import type { Clock } from '@waybill/messaging';
import { jwtVerify, SignJWT } from 'jose';
import { InvalidToken } from './token-verifier.ts';

const audience = 'waybill-internal';
const lifeSeconds = 300;
const renewBefore = 60;
/** Seconds of clock skew allowed between two machines. */
const skew = 10;

/** Tokens that authenticate services of one system to each other: valid for five minutes, signed with their shared secret. */
export class ServiceTokens {
  private readonly key: Uint8Array;
  private current: { readonly token: string; readonly expires: number } | null = null;

  constructor(
    private readonly service: string,
    secret: string,
    private readonly clock: Clock,
  ) {
    this.key = new TextEncoder().encode(secret);
  }

  /** A token of this service that stays valid for at least a minute. */
  async issue(): Promise<string> {
    const now = this.seconds();
    if (this.current && this.current.expires - now > renewBefore) return this.current.token;
    const expires = now + lifeSeconds;
    const token = await new SignJWT({})
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(this.service)
      .setAudience(audience)
      .setIssuedAt(now)
      .setExpirationTime(expires)
      .sign(this.key);
    this.current = { token, expires };
    return token;
  }

  /** The name of the service that the token belongs to; throws `InvalidToken`. */
  async verify(token: string): Promise<string> {
    try {
      const { payload } = await jwtVerify(token, this.key, {
        audience,
        algorithms: ['HS256'],
        maxTokenAge: lifeSeconds,
        clockTolerance: skew,
        currentDate: this.clock.now(),
        requiredClaims: ['exp', 'sub'],
      });
      return payload.sub ?? '';
    } catch (error) {
      throw new InvalidToken(error);
    }
  }

  private seconds(): number {
    return Math.floor(this.clock.now().getTime() / 1_000);
  }
}
