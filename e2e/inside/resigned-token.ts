import { createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { TestDataFolder } from '../system/data-folder.ts';
import { part, partsOf } from '../system/forged-token.ts';

/** The token with other claims, signed with the system's own key. */
export function resigned(token: string, data: TestDataFolder, claims: object): string {
  const jwk = JSON.parse(readFileSync(data.file('development-issuer.jwk.json'), 'utf8'));
  const key = createPrivateKey({ key: jwk, format: 'jwk' });
  const old = partsOf(token);
  const signed = `${part(old.header)}.${part({ ...old.claims, ...claims })}`;
  const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}
