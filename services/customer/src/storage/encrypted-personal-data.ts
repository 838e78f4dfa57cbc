import { createHmac } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Encrypted } from '@waybill/contracts';
import { DataKeys, type Encrypt, FieldCipher } from '@waybill/encryption';
import { CLOCK, type Clock } from '@waybill/messaging';
import { PersonalData } from '../personal-data.ts';
import { DataKeyStore, ownSubject } from './data-key-store.ts';

/** Personal data encrypted with the key of their customer. */
@Injectable()
export class EncryptedPersonalData extends PersonalData {
  private readonly cipher: FieldCipher;
  private hashKey: Promise<Buffer> | undefined;

  constructor(
    private readonly keys: DataKeyStore,
    @Inject(CLOCK) clock: Clock,
  ) {
    super();
    this.cipher = new FieldCipher(new DataKeys(keys, clock));
  }

  encryptFor(customerId: string): Promise<Encrypt> {
    return this.cipher.encryptFor(customerId);
  }

  decrypt<T>(value: Encrypted<T>): Promise<T | undefined> {
    return this.cipher.decrypt(value);
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
