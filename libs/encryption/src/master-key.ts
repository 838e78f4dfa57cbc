import { createHash, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import {
  decryptCompact,
  encryptCompact,
  headerOf,
  keyBytes,
  protectedHeader,
} from './compact-jwe.ts';
import { UnreadableValue } from './errors.ts';

/** Characters that a master key must have. */
export const shortestMasterKey = 32;

interface Derived {
  readonly id: string;
  readonly key: KeyObject;
}

/**
 * Wraps keys for their owner's database. While it is rotated there are several: the first wraps, and each unwraps what it wrapped.
 * A wrapped key belongs to a name, so that it cannot be passed off as the key of another.
 */
export class MasterKey {
  private readonly byId: ReadonlyMap<string, Derived>;
  private readonly current: Derived;

  /** Texts with enough entropy, such as 32 random bytes in Base64, separated by commas; throws a `TypeError` for a short one. */
  constructor(keys: string) {
    const texts = keys.split(',').map((each) => each.trim());
    if (texts.some(({ length }) => length < shortestMasterKey))
      throw new TypeError(`a master key has at least ${shortestMasterKey} characters`);
    const derived = texts.map(derivedFrom);
    this.current = derived[0] as Derived;
    this.byId = new Map(derived.map((each) => [each.id, each]));
  }

  /** Identifies the master key that wraps now. */
  get id(): string {
    return this.current.id;
  }

  /** The wrapped form of a secret that belongs to `name`. */
  wrap(secret: Buffer, name: string): string {
    const header = protectedHeader({ kid: this.current.id, sub: name });
    return encryptCompact(this.current.key, header, secret.toString('base64url'));
  }

  /** The secret of `name`; throws `UnreadableValue` if it belongs to another name or no master key fits. */
  unwrap(wrapped: string, name: string): Buffer {
    const { kid, sub } = headerOf(wrapped);
    const found = this.byId.get(kid);
    if (!found) throw new UnreadableValue(`master key ${kid} is missing`);
    if (sub !== name) throw new UnreadableValue('it belongs to another name');
    return Buffer.from(decryptCompact(found.key, wrapped), 'base64url');
  }

  /** True if it was wrapped with an earlier master key, which must stay configured until it is wrapped again. */
  isOutdated(wrapped: string): boolean {
    return headerOf(wrapped).kid !== this.current.id;
  }
}

function derivedFrom(text: string): Derived {
  const key = Buffer.from(hkdfSync('sha256', text, '', 'waybill master key', keyBytes));
  const id = createHash('sha256').update(key).digest('base64url').slice(0, 12);
  return { id, key: createSecretKey(key) };
}
