import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '@waybill/contracts';
import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from 'jose';

/** The ES256 key pair of the development issuer. */
export interface SigningKey {
  readonly id: string;
  readonly privateKey: CryptoKey;
  /** Public: fit for a JWKS. */
  readonly jwk: JWK;
}

const fileName = 'development-issuer.jwk.json';

/** The key in the data folder; made there once, also when several services start at the same time. */
export async function developmentKey(dataFolder: string): Promise<SigningKey> {
  const path = join(dataFolder, fileName);
  const kept = await readKey(path);
  if (kept) return signingKey(kept);
  await mkdir(dataFolder, { recursive: true });
  const fresh = `${path}.${newId()}`;
  await writeFile(fresh, JSON.stringify(await newKey()), { mode: 0o600 });
  try {
    // A link, unlike a rename, fails when another process was quicker: then its key is the key.
    await link(fresh, path);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(fresh, { force: true });
  }
  return developmentKey(dataFolder);
}

async function readKey(path: string): Promise<JWK | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as JWK;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** A new private key as JWK. */
async function newKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return exportJWK(privateKey);
}

async function signingKey(secretJwk: JWK): Promise<SigningKey> {
  const { d: _, ...publicJwk } = secretJwk;
  const id = await calculateJwkThumbprint(publicJwk);
  const privateKey = (await importJWK(secretJwk, 'ES256')) as CryptoKey;
  return { id, privateKey, jwk: { ...publicJwk, kid: id, alg: 'ES256', use: 'sig' } };
}

const isCode = (error: unknown, code: string): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === code;
