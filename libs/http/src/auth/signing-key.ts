import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, readWhole, UnreadableFile, writeWhole } from '@waybill/local-files';
import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose';
import { z } from 'zod';

/** The ES256 key pair of the development issuer. */
export interface SigningKey {
  readonly id: string;
  readonly privateKey: CryptoKey;
  /** The public half, which may be published in a JWKS. */
  readonly jwk: JWK;
}

const fileName = 'development-issuer.jwk.json';
/** A private ES256 key as JWK. */
const es256 = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  d: z.string('it has no private part'),
});
const remedy = 'remove it, and a new key is made; tokens that it has signed are refused then';

/** The key in the data folder; created there once, even if several services start at the same time. */
export async function developmentKey(dataFolder: string): Promise<SigningKey> {
  const path = join(dataFolder, fileName);
  makeFolder(dataFolder);
  if (!existsSync(path)) {
    const fresh = JSON.stringify(await newKey());
    // If another process creates the file first, its key is used.
    await writeWhole(path, fresh, { mode: 0o600, replace: false });
  }
  const kept = readWhole(path, (text) => JSON.parse(text) as unknown, remedy);
  if (kept === undefined)
    throw new UnreadableFile(path, 'leads to a file that is not there', remedy);
  try {
    return await signingKey(kept);
  } catch (error) {
    throw new UnreadableFile(path, `holds no key (${(error as Error).message})`, remedy, error);
  }
}

/** A new private key as JWK. */
async function newKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return exportJWK(privateKey);
}

async function signingKey(kept: unknown): Promise<SigningKey> {
  const { data: secretJwk, error } = es256.safeParse(kept);
  if (error) throw new Error(error.issues[0]?.message);
  const { d: _, ...publicJwk } = secretJwk;
  const id = await calculateJwkThumbprint(publicJwk);
  const privateKey = (await importJWK(secretJwk, 'ES256')) as CryptoKey;
  return { id, privateKey, jwk: { ...publicJwk, kid: id, alg: 'ES256', use: 'sig' } };
}
