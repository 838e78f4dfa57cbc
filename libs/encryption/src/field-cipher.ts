import { type Encrypted, isEncrypted } from '@waybill/message';
import { headerOf } from './compact-jwe.ts';
import type { DataKeys } from './data-keys.ts';
import { SubjectErased } from './errors.ts';
import { keyNamed, type SubjectKeys } from './subject-keys.ts';

/** Encrypts values of one subject. */
export type Encrypt = (value: unknown) => string;

/**
 * Encrypts fields with a key per subject, as a compact JWE (`dir`, `A256GCM`) of their JSON, whose `kid` is
 * `<subject>.<version>`. Deleting the keys of a subject therefore deletes its values, wherever they are.
 */
export class FieldCipher {
  constructor(private readonly keys: DataKeys) {}

  /** Encrypts one value. Rejects with `SubjectErased` or `KeysUnavailable`. */
  async encrypt(subject: string, value: unknown): Promise<string> {
    return (await this.encryptFor(subject))(value);
  }

  /** Reads the keys of a subject once, for several values. Rejects with `SubjectErased` or `KeysUnavailable`. */
  async encryptFor(subject: string): Promise<Encrypt> {
    const keys = await this.keys.of(subject);
    if (keys.isErased) throw new SubjectErased(subject);
    return (value) => keys.encrypt(value);
  }

  /**
   * The value of a field: itself if it is not encrypted, as in data of earlier releases; undefined if its subject is erased.
   * Rejects with `KeysUnavailable`, and with `UnreadableValue` if it was changed.
   */
  async decrypt<T>(value: Encrypted<T>): Promise<T | undefined> {
    if (!isEncrypted(value)) return value as T;
    const { subject, version } = keyNamed(headerOf(value).kid);
    const keys = await this.keysWith(subject, version);
    return keys.decrypt(value) as T | undefined;
  }

  /** A version that is not in the cache may be newer than the cache. */
  private async keysWith(subject: string, version: number): Promise<SubjectKeys> {
    const keys = await this.keys.of(subject);
    return keys.isErased || keys.has(version) ? keys : this.keys.read(subject);
  }
}
