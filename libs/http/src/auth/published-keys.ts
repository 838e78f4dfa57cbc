import type { Clock } from '@waybill/messaging';
import {
  type CryptoKey,
  createLocalJWKSet,
  type FlattenedJWSInput,
  type JSONWebKeySet,
  type JWTHeaderParameters,
} from 'jose';
import { IssuerUnavailable } from './issuer-unavailable.ts';

/** Milliseconds after which the keys are read again; a token with a known key does not wait for that. */
const freshFor = 60_000;
/** Milliseconds between two reads, however many tokens name a key that is unknown. */
const readApart = 1_000;

interface Known {
  readonly find: ReturnType<typeof createLocalJWKSet>;
  readonly at: number;
}

/**
 * The keys that an issuer publishes. A token with a known key never waits, also while the issuer is away: the keys are read
 * again behind it once they are a minute old. A token with an unknown key waits for the next read, at most one a second.
 */
export class PublishedKeys {
  private known: Known | null = null;
  private reading: Promise<Known> | null = null;
  private begunAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly read: () => Promise<JSONWebKeySet>,
    private readonly clock: Clock,
  ) {}

  /** Finds the key of a token. Rejects with `IssuerUnavailable` if the key is unknown and the issuer does not answer. */
  readonly find = async (
    header: JWTHeaderParameters,
    token: FlattenedJWSInput,
  ): Promise<CryptoKey> => {
    const { known } = this;
    if (known) {
      const age = this.now() - known.at;
      if (age > freshFor || age < 0) this.readAgain().catch(() => undefined);
      try {
        return await known.find(header, token);
      } catch (error) {
        if (!isUnknownKey(error)) throw error;
      }
    }
    const { find } = await this.readAgain();
    return find(header, token);
  };

  private readAgain(): Promise<Known> {
    this.reading ??= this.readOnce().finally(() => {
      this.reading = null;
    });
    return this.reading;
  }

  private async readOnce(): Promise<Known> {
    const since = this.now() - this.begunAt;
    if (since >= 0 && since < readApart) {
      await new Promise<void>((resolve) => this.clock.after(readApart - since, resolve));
    }
    this.begunAt = this.now();
    try {
      const find = createLocalJWKSet(await this.read());
      this.known = { find, at: this.now() };
      return this.known;
    } catch (error) {
      throw new IssuerUnavailable(error);
    }
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}

const isUnknownKey = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_JWKS_NO_MATCHING_KEY';
