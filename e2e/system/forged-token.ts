import { createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { TestDataFolder } from './data-folder.ts';

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const partsOf = (token: string): { header: object; claims: object } => {
  const [header = '', claims = ''] = token.split('.');
  const read = (text: string) => JSON.parse(Buffer.from(text, 'base64url').toString()) as object;
  return { header: read(header), claims: read(claims) };
};

/** The token with other claims, signed by the key of the system itself. */
export function resigned(token: string, data: TestDataFolder, claims: object): string {
  const jwk = JSON.parse(readFileSync(data.file('development-issuer.jwk.json'), 'utf8'));
  const key = createPrivateKey({ key: jwk, format: 'jwk' });
  const old = partsOf(token);
  const signed = `${part(old.header)}.${part({ ...old.claims, ...claims })}`;
  const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

/** The token with the algorithm `none` and no signature. */
export function unsigned(token: string): string {
  const { header, claims } = partsOf(token);
  return `${part({ ...header, alg: 'none' })}.${part(claims)}.`;
}

/** The token with other claims under its old signature. */
export function tampered(token: string, claims: object): string {
  const [header = '', , signature = ''] = token.split('.');
  return `${header}.${part({ ...partsOf(token).claims, ...claims })}.${signature}`;
}
