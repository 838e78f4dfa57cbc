import { z } from 'zod';

/** A compact JWE with a key that both sides know: header, no encrypted key, initialization vector, text and tag in Base64url. */
const form = /^eyJ[\w-]{20,1000}\.\.[\w-]{16}\.[\w-]*\.[\w-]{22}$/;

/** Characters; enough for the longest text that a field takes. */
const longest = 16_384;

/** A value of a field that is `encrypted()`; a value itself where an earlier release wrote it. */
export type Encrypted<T> = T | string;

/** True for the encrypted form of any value. */
export const isEncrypted = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= longest && form.test(value);

const encryptedText = z.string().refine(isEncrypted, 'is no compact JWE');

/**
 * A field with personal data: in messages and tables it is a compact JWE (RFC 7516) of a JSON value of this schema, which also
 * fits in plain, because earlier releases wrote it so. Treated as `sensitive()` everywhere.
 */
export const encrypted = <S extends z.ZodType>(schema: S) =>
  z.union([encryptedText, schema]).meta({ sensitive: true, encrypted: true });
