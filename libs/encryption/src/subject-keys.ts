import { createSecretKey, type KeyObject } from 'node:crypto';
import { decryptCompact, encryptCompact, headerOf, protectedHeader } from './compact-jwe.ts';
import { SubjectErased } from './errors.ts';

/** One version of the key of a subject. */
export interface DataKey {
  /** From 1. */
  readonly version: number;
  /** 32 bytes. */
  readonly key: Buffer;
}

/** All keys of one subject: the newest encrypts, and each decrypts what it encrypted. */
export class SubjectKeys {
  private readonly versions: ReadonlyMap<number, KeyObject>;
  private readonly newest: KeyObject | undefined;
  private readonly header: string;

  /** Without keys the subject is erased. */
  constructor(
    readonly subject: string,
    keys: readonly DataKey[],
  ) {
    this.versions = new Map(keys.map(({ version, key }) => [version, createSecretKey(key)]));
    const newest = Math.max(0, ...this.versions.keys());
    this.newest = this.versions.get(newest);
    this.header = protectedHeader({ kid: keyId(subject, newest) });
  }

  /** True if the keys were deleted. */
  get isErased(): boolean {
    return this.newest === undefined;
  }

  has(version: number): boolean {
    return this.versions.has(version);
  }

  /** A compact JWE of the JSON of `value`. Throws `SubjectErased`. */
  encrypt(value: unknown): string {
    if (!this.newest) throw new SubjectErased(this.subject);
    return encryptCompact(this.newest, this.header, JSON.stringify(value));
  }

  /** The value of a JWE; undefined if its key does not exist. */
  decrypt(jwe: string): unknown {
    const key = this.versions.get(keyNamed(headerOf(jwe).kid).version);
    return key && JSON.parse(decryptCompact(key, jwe));
  }
}

/** The `kid` of a version of a subject's key. */
const keyId = (subject: string, version: number): string => `${subject}.${version}`;

/** Whose key a `kid` names, and which version. */
export function keyNamed(kid: string): { readonly subject: string; readonly version: number } {
  const dot = kid.lastIndexOf('.');
  return { subject: kid.slice(0, dot), version: Number(kid.slice(dot + 1)) };
}
