import { newId } from '@waybill/contracts';
import type { Clock } from '@waybill/messaging';
import { createLocalJWKSet, type JSONWebKeySet, SignJWT } from 'jose';
import type { DevelopmentUser } from './development-users.config.ts';
import { isPassword, unknownPasswordHash } from './password.ts';
import { developmentKey, type SigningKey } from './signing-key.ts';
import { JwtVerifier, type TokenVerifier } from './token-verifier.ts';

/** The response of `POST /api/v1/auth/token`. */
export interface IssuedToken {
  readonly accessToken: string;
  readonly tokenType: 'Bearer';
  readonly expiresIn: number;
}

export interface IssuerOptions {
  readonly dataFolder: string;
  readonly audience: string;
  readonly users: readonly DevelopmentUser[];
  readonly clock: Clock;
}

/** The issuer that development tokens name. */
export const developmentIssuerName = 'urn:waybill:development-issuer';

const lifeSeconds = 3_600;

/** Issues tokens to the users of its configuration; its key is in the data folder. Must never run in a deployed system. */
export class DevelopmentIssuer {
  private constructor(
    private readonly key: SigningKey,
    private readonly options: IssuerOptions,
  ) {}

  static async open(options: IssuerOptions): Promise<DevelopmentIssuer> {
    return new DevelopmentIssuer(await developmentKey(options.dataFolder), options);
  }

  /** The public keys, as an issuer publishes them. */
  jwks(): JSONWebKeySet {
    return { keys: [this.key.jwk] };
  }

  /** A verifier of this issuer's tokens. */
  verifier(): TokenVerifier {
    return new JwtVerifier({
      issuer: developmentIssuerName,
      audience: this.options.audience,
      keys: createLocalJWKSet(this.jwks()),
      now: () => this.options.clock.now(),
    });
  }

  /** A token that is valid for an hour, or null when e-mail or password is wrong. */
  async signIn(email: string, password: string): Promise<IssuedToken | null> {
    const user = this.options.users.find((known) => known.email === email.toLowerCase());
    const right = await isPassword(password, user?.passwordHash ?? unknownPasswordHash);
    return user && right ? this.issue(user) : null;
  }

  private async issue(user: DevelopmentUser): Promise<IssuedToken> {
    const now = Math.floor(this.options.clock.now().getTime() / 1_000);
    const { name, email, roles } = user;
    const accessToken = await new SignJWT({ name, email, roles })
      .setProtectedHeader({ alg: 'ES256', kid: this.key.id, typ: 'JWT' })
      .setIssuer(developmentIssuerName)
      .setAudience(this.options.audience)
      .setSubject(user.id)
      .setJti(newId())
      .setIssuedAt(now)
      .setExpirationTime(now + lifeSeconds)
      .sign(this.key.privateKey);
    return { accessToken, tokenType: 'Bearer', expiresIn: lifeSeconds };
  }
}
