import { SigningKeys } from '@waybill/customer';
import { JwtVerifier, ownIssuer, PublishedKeys, type TokenVerifier } from '@waybill/http';
import { systemClock, Unavailable } from '@waybill/messaging';
import {
  accessConfig,
  type Environment,
  type RunningService,
  readSettings,
} from '@waybill/service';

/** Verifies tokens with the keys of the customer service in this process, which starts together with those that verify. */
export class LocalIssuer {
  /** For hosts; empty if the settings name another issuer, whose keys are at an address. */
  readonly verifying: { readonly tokenVerifier?: TokenVerifier };
  private keys: SigningKeys | null = null;

  constructor(env: Environment) {
    const [{ issuer, audience }] = readSettings('all-in-one', env, [accessConfig]);
    const published = new PublishedKeys(async () => {
      if (this.keys) return this.keys.jwks();
      throw new Unavailable('the customer service has not started yet');
    }, systemClock);
    const tokenVerifier = new JwtVerifier({ issuer: ownIssuer, audience, keys: published.find });
    this.verifying = issuer === null ? { tokenVerifier } : {};
  }

  /** The services have started. */
  isIn(services: readonly RunningService[]): void {
    this.keys = services.find(({ name }) => name === 'customer')?.app.get(SigningKeys) ?? null;
  }
}
