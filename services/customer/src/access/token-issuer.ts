import { Inject, Injectable } from '@nestjs/common';
import { newId } from '@waybill/contracts';
import { ownIssuer } from '@waybill/http';
import { CLOCK, type Clock } from '@waybill/messaging';
import { CONFIG, ServiceSettings } from '@waybill/service';
import { SignJWT } from 'jose';
import type { CustomerConfig } from '../customer.config.ts';
import type { AccountHolder } from '../storage/credentials.repository.ts';
import { SigningKeys } from './signing-keys.ts';

/** A bearer token, and for how many seconds it is valid. */
export interface AccessToken {
  readonly accessToken: string;
  readonly tokenType: 'Bearer';
  readonly expiresIn: number;
}

/** Signs access tokens. Those of accounts that the settings name as operators have that role too. */
@Injectable()
export class TokenIssuer {
  constructor(
    private readonly keys: SigningKeys,
    private readonly settings: ServiceSettings,
    @Inject(CONFIG) private readonly config: CustomerConfig,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async issue(
    { customerId, name, email, roles }: AccountHolder,
    sessionId: string,
  ): Promise<AccessToken> {
    const key = await this.keys.current();
    const now = Math.floor(this.clock.now().getTime() / 1_000);
    const expiresIn = Math.floor(this.config.accessTokenLife / 1_000);
    const isNamed = this.config.operators.includes(customerId);
    const claims = { name, email, roles: isNamed ? [...roles, 'operator'] : roles };
    const accessToken = await new SignJWT({ ...claims, sid: sessionId })
      .setProtectedHeader({ alg: 'ES256', kid: key.id, typ: 'JWT' })
      .setIssuer(ownIssuer)
      .setAudience(this.settings.access.audience)
      .setSubject(customerId)
      .setJti(newId())
      .setIssuedAt(now)
      .setExpirationTime(now + expiresIn)
      .sign(key.privateKey);
    return { accessToken, tokenType: 'Bearer', expiresIn };
  }
}
