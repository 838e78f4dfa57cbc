import { createPrivateKey, sign } from 'node:crypto';
import { customerConfig } from '@waybill/customer';
import { MasterKey } from '@waybill/encryption';
import { Client } from 'pg';
import type { TestDataFolder } from '../system/data-folder.ts';
import { part, partsOf } from '../system/forged-token.ts';

/** That of a system with the development value of `ENCRYPTION_KEYS`. */
const master = new MasterKey(customerConfig.parse({}).encryptionKeys);

/** Returns the token with other claims, signed with the system's own key. */
export type Resign = (claims: object) => string;

export async function resigning(token: string | null, data: TestDataFolder): Promise<Resign> {
  const old = partsOf(token ?? '');
  const { kid } = old.header as { kid: string };
  const key = createPrivateKey({ key: await secretJwk(data, kid), format: 'jwk' });
  return (claims) => {
    const signed = `${part(old.header)}.${part({ ...old.claims, ...claims })}`;
    const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
    return `${signed}.${signature.toString('base64url')}`;
  };
}

async function secretJwk(data: TestDataFolder, id: string) {
  const database = new Client({ connectionString: data.whereabouts().databases['customer'] });
  await database.connect();
  try {
    const { rows } = await database.query('select private_key from signing_keys where id = $1', [
      id,
    ]);
    return JSON.parse(master.unwrap(rows[0].private_key, `signing key ${id}`).toString());
  } finally {
    await database.end();
  }
}
