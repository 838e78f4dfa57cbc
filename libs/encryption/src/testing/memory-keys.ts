import { randomBytes } from 'node:crypto';
import { keyBytes } from '../compact-jwe.ts';
import { DataKeys, type KeySource } from '../data-keys.ts';
import { FieldCipher } from '../field-cipher.ts';
import type { DataKey } from '../subject-keys.ts';

/** An owner of keys in memory. */
export class MemoryKeys implements KeySource {
  private readonly keys = new Map<string, readonly DataKey[]>();
  /** True while it is unavailable. */
  isAway = false;
  /** How often it was read. */
  reads = 0;

  async find(subject: string): Promise<readonly DataKey[]> {
    this.reads += 1;
    if (this.isAway) throw new Error('the owner of the keys is away');
    const known = this.keys.get(subject);
    return known ?? this.rotate(subject);
  }

  /** A new version for a subject. */
  rotate(subject: string): readonly DataKey[] {
    const known = this.keys.get(subject) ?? [];
    const keys = [...known, { version: known.length + 1, key: randomBytes(keyBytes) }];
    this.keys.set(subject, keys);
    return keys;
  }

  /** Deletes the keys of a subject for good. */
  erase(subject: string): void {
    this.keys.set(subject, []);
  }

  /** A cipher that notices every change at once. */
  cipher(): FieldCipher {
    let now = 0;
    return new FieldCipher(
      new DataKeys(this, {
        now: () => {
          now += 3_600_000;
          return new Date(now);
        },
      }),
    );
  }
}
