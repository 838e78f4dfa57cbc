import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';
import { UnreadableValue } from './errors.ts';

const algorithm = 'aes-256-gcm';

/** The length of a key for `A256GCM`. */
export const keyBytes = 32;

/** The members of a protected header besides `alg` and `enc`: readable without the key, and authenticated by it. */
export interface JweHeader {
  /** Names the key. */
  readonly kid: string;
  /** Whom the value belongs to. */
  readonly sub?: string;
}

/** The first part of a compact JWE with `alg: dir` and `enc: A256GCM`. */
export const protectedHeader = (header: JweHeader): string =>
  Buffer.from(JSON.stringify({ alg: 'dir', enc: 'A256GCM', ...header })).toString('base64url');

/** The header of a compact JWE; throws `UnreadableValue` for text that is none. */
export function headerOf(jwe: string): JweHeader {
  try {
    const header = JSON.parse(Buffer.from(jwe.slice(0, jwe.indexOf('.')), 'base64url').toString());
    if (header.alg === 'dir' && header.enc === 'A256GCM' && typeof header.kid === 'string')
      return header;
  } catch {
    // Reported like a header with another content.
  }
  throw new UnreadableValue('its header is not that of a JWE');
}

const ivBytes = 12;
let drawn = { bytes: Buffer.alloc(0), used: 0 };

/** Never the same twice. Drawn for many values at a time, because one draw costs as much as encrypting a name. */
function newIv(): Buffer {
  if (drawn.used === drawn.bytes.length) drawn = { bytes: randomBytes(256 * ivBytes), used: 0 };
  const iv = drawn.bytes.subarray(drawn.used, drawn.used + ivBytes);
  drawn.used += ivBytes;
  return iv;
}

/** A compact JWE (RFC 7516) of `text`. */
export function encryptCompact(key: KeyObject, header: string, text: string): string {
  const iv = newIv();
  const cipher = createCipheriv(algorithm, key, iv).setAAD(Buffer.from(header));
  const body = cipher.update(text, 'utf8', 'base64url') + cipher.final('base64url');
  return `${header}..${iv.toString('base64url')}.${body}.${cipher.getAuthTag().toString('base64url')}`;
}

/** The text of a compact JWE; throws `UnreadableValue` for another key, and if anything was changed. */
export function decryptCompact(key: KeyObject, jwe: string): string {
  const [header = '', , ...parts] = jwe.split('.');
  const [iv, body, tag] = parts.map((part) => Buffer.from(part, 'base64url'));
  if (!iv || !body || !tag) throw new UnreadableValue('it does not have the parts of a JWE');
  try {
    const decipher = createDecipheriv(algorithm, key, iv, { authTagLength: 16 })
      .setAAD(Buffer.from(header))
      .setAuthTag(tag);
    return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new UnreadableValue('it was changed, or encrypted with another key', { cause });
  }
}
