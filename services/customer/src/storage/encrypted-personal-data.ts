import { createHmac } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Encrypted } from '@waybill/contracts';
import { DataKeys, type Encrypt, FieldCipher, SubjectErased } from '@waybill/encryption';
import { CLOCK, type Clock } from '@waybill/messaging';
import { AccountRefused } from '../domain/account.errors.ts';
import { PersonalData } from '../personal-data.ts';
import { DataKeyStore, ownSubject } from './data-key-store.ts';

/** Personal data encrypted with the key of their customer. */
@Injectable()
export class EncryptedPersonalData extends PersonalData {
  private readonly dataKeys: DataKeys;
  private readonly cipher: FieldCipher;
  private hashKey: Promise<Buffer> | undefined;

  constructor(
    private readonly keys: DataKeyStore,
    @Inject(CLOCK) clock: Clock,
  ) {
    super();
    this.dataKeys = new DataKeys(keys, clock);
    this.cipher = new FieldCipher(this.dataKeys);
  }

  async encryptFor(customerId: string): Promise<Encrypt> {
    try {
      return await this.cipher.encryptFor(customerId);
    } catch (error) {
      if (!(error instanceof SubjectErased)) throw error;
      throw new AccountRefused('not_found', `there is no customer ${customerId}`);
    }
  }

  decrypt<T>(value: Encrypted<T>): Promise<T | undefined> {
    return this.cipher.decrypt(value);
  }

  async erase(customerId: string): Promise<void> {
    await this.keys.erase(customerId);
    this.dataKeys.forget(customerId);
  }

  async rotate(customerId: string): Promise<void> {
    await this.keys.rotate(customerId);
    this.dataKeys.forget(customerId);
  }

  async hashOf(email: string): Promise<string> {
    this.hashKey ??= this.ownKey();
    const key = await this.hashKey;
    return createHmac('sha256', key).update(email.toLowerCase()).digest('base64url');
  }

  /** Its first version for good, because stored hashes cannot be made again. */
  private async ownKey(): Promise<Buffer> {
    try {
      const [first] = await this.keys.find(ownSubject);
      if (first) return first.key;
      throw new Error('the key of the hashes of e-mail addresses is deleted');
    } catch (error) {
      this.hashKey = undefined;
      throw error;
    }
  }
}
