import { Inject, Injectable } from '@nestjs/common';
import { MasterKey, UnreadableValue } from '@waybill/encryption';
import { CLOCK, type Clock } from '@waybill/messaging';
import { CONFIG, Scheduled } from '@waybill/service';
import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JSONWebKeySet,
} from 'jose';
import type { CustomerConfig } from '../customer.config.ts';
import {
  type NewestKey,
  SigningKeyRepository,
  type StoredKey,
} from '../storage/signing-key.repository.ts';

/** A key that signs tokens. */
export interface SigningKey {
  readonly id: string;
  readonly privateKey: CryptoKey;
}

/** Milliseconds between two reads of the keys: a new key may sign that much later on another replica. */
const readEvery = 10_000;
const tendEvery = 30_000;
/** Milliseconds by which clocks may differ, and for which a verifier may not have read the keys again. */
const slack = 10 * 60_000;

/**
 * The keys that sign tokens, shared by all replicas in their database. A new key is published before it signs, and an old one until
 * its last token has expired, so that no valid token is refused while keys change.
 */
@Injectable()
export class SigningKeys {
  private signing: (SigningKey & { readonly readAt: number }) | null = null;
  private reading: Promise<SigningKey> | null = null;
  private published: JSONWebKeySet | null = null;

  constructor(
    private readonly stored: SigningKeyRepository,
    private readonly master: MasterKey,
    @Inject(CONFIG) private readonly config: CustomerConfig,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The key that signs now. The first call in a new system makes it. */
  async current(): Promise<SigningKey> {
    const { signing } = this;
    const now = this.clock.now().getTime();
    if (signing && now - signing.readAt < readEvery && now >= signing.readAt) return signing;
    this.reading ??= this.read().finally(() => {
      this.reading = null;
    });
    return this.reading;
  }

  /** The public keys; those of the last call while the database is away. */
  async jwks(): Promise<JSONWebKeySet> {
    try {
      let keys = await this.stored.all();
      if (!keys.some((key) => this.canSign(key))) {
        await this.makeFirst();
        keys = await this.stored.all();
      }
      this.published = { keys: keys.map(({ publicKey }) => publicKey) };
      return this.published;
    } catch (error) {
      if (this.published) return this.published;
      throw error;
    }
  }

  /** Publishes a new key, which signs once every verifier knows it. While one is waiting to sign, no other is added. */
  rotate(): Promise<NewestKey> {
    const { notice } = this.config.signingKeys;
    return this.stored.addIfNeeded(
      (newest) => (newest && !newest.signs ? null : notice),
      () => this.made(),
    );
  }

  /** Replaces an old key, and forgets those whose tokens have expired. */
  @Scheduled({ name: 'signing-keys', every: () => tendEvery })
  async tend(): Promise<void> {
    const { life, notice } = this.config.signingKeys;
    await this.stored.addIfNeeded(
      (newest) => (newest && newest.ageMs < life ? null : notice),
      () => this.made(),
    );
    await this.stored.forget(this.config.accessTokenLife + slack);
  }

  private async read(): Promise<SigningKey> {
    const found = (await this.stored.all()).find((key) => this.canSign(key));
    const key = found ?? (await this.makeFirst());
    const secret = JSON.parse(this.master.unwrap(key.privateKey, nameOf(key.id)).toString());
    const privateKey = (await importJWK(secret, 'ES256')) as CryptoKey;
    this.signing = { id: key.id, privateKey, readAt: this.clock.now().getTime() };
    return this.signing;
  }

  /** A key of which this process has no master key cannot sign here, and is published nonetheless: its tokens are valid. */
  private canSign({ id, privateKey, signs }: StoredKey): boolean {
    if (!signs) return false;
    try {
      this.master.unwrap(privateKey, nameOf(id));
      return true;
    } catch (error) {
      if (error instanceof UnreadableValue) return false;
      throw error;
    }
  }

  /** Without a key that signs there is no token whose verifier could know it, so a first key signs at once. */
  private async makeFirst(): Promise<StoredKey> {
    await this.stored.addIfNeeded(
      (_, all) => (all.some((key) => this.canSign(key)) ? null : 0),
      () => this.made(),
    );
    const found = (await this.stored.all()).find((key) => this.canSign(key));
    if (found) return found;
    throw new Error('there is no key to sign tokens with');
  }

  private async made(): Promise<Omit<StoredKey, 'signs'>> {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    const secret = await exportJWK(privateKey);
    const { d: _, ...shared } = secret;
    const id = await calculateJwkThumbprint(shared);
    return {
      id,
      publicKey: { ...shared, kid: id, alg: 'ES256', use: 'sig' },
      privateKey: this.master.wrap(Buffer.from(JSON.stringify(secret)), nameOf(id)),
    };
  }
}

const nameOf = (keyId: string): string => `signing key ${keyId}`;
