import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  type CryptoKey,
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
} from 'jose';
import type { Caller } from './caller.ts';
import { InvalidToken, JwtVerifier } from './token-verifier.ts';

const issuer = 'https://id.example.com/';
const audience = 'waybill';
const start = Date.parse('2026-11-21T12:00:00Z');

let privateKey: CryptoKey;
let otherKey: CryptoKey;
let rsaKey: CryptoKey;
let jwk: JWK;
let now = start;
let lookUps = 0;

const claims = { sub: 'user-1', roles: ['customer', 'admin'], name: 'Ada', email: 'a@example.com' };
const seconds = (ms: number): number => Math.floor(ms / 1_000);

interface Forged {
  readonly key?: CryptoKey | Uint8Array;
  readonly alg?: string;
  readonly kid?: string;
  readonly payload?: JWTPayload;
}

const token = ({ key = privateKey, alg = 'ES256', kid = 'k1', payload = {} }: Forged = {}) =>
  new SignJWT({
    iss: issuer,
    aud: audience,
    iat: seconds(start),
    exp: seconds(start) + 3_600,
    ...claims,
    ...payload,
  })
    .setProtectedHeader({ alg, kid })
    .sign(key);

const verifier = (remembered?: number) => {
  const local = createLocalJWKSet({ keys: [jwk] });
  return new JwtVerifier({
    issuer,
    audience,
    now: () => new Date(now),
    keys: (header, input) => {
      lookUps += 1;
      return local(header, input);
    },
    ...(remembered === undefined ? {} : { remembered }),
  });
};

beforeAll(async () => {
  const pair = await generateKeyPair('ES256');
  privateKey = pair.privateKey;
  otherKey = (await generateKeyPair('ES256')).privateKey;
  rsaKey = (await generateKeyPair('RS256')).privateKey;
  jwk = { ...(await exportJWK(pair.publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' };
});

describe('a token', () => {
  it('tells its caller, and only roles that exist', async () => {
    expect(await verifier().verify(await token())).toEqual({
      id: 'user-1',
      roles: ['customer'],
      name: 'Ada',
      email: 'a@example.com',
      expiresAt: (seconds(start) + 3_600) * 1_000,
    });
  });

  const unsigned = (payload: JWTPayload) =>
    new UnsecuredJWT({ ...claims, ...payload })
      .setIssuer(issuer)
      .setAudience(audience)
      .setExpirationTime(seconds(start) + 3_600)
      .encode();
  const attacks: Record<string, () => Promise<string> | string> = {
    'is not signed (alg none)': () => unsigned({}),
    'is signed with another key': () => token({ key: otherKey }),
    'names a key that nobody has': () => token({ kid: 'k2' }),
    'uses another algorithm': () => token({ key: rsaKey, alg: 'RS256' }),
    'takes the public key for a shared secret': () =>
      token({ key: new TextEncoder().encode(JSON.stringify(jwk)), alg: 'HS256' }),
    'is for another audience': () => token({ payload: { aud: 'elsewhere' } }),
    'comes from another issuer': () => token({ payload: { iss: 'https://evil.example.com/' } }),
    'has expired': () => token({ payload: { exp: seconds(start) - 1 } }),
    'is not valid yet': () => token({ payload: { nbf: seconds(start) + 600 } }),
    'never expires': async () =>
      new SignJWT({ iss: issuer, aud: audience, ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
        .sign(privateKey),
    'expires after all time': () => token({ payload: { exp: 1e308 } }),
    'expires after the year 9999': () => token({ payload: { exp: 253_402_300_800 } }),
    'is valid since before 1970': () => token({ payload: { nbf: -1 } }),
    'is valid since before all time': () => token({ payload: { nbf: -1e308 } }),
    'was issued before 1970': () => token({ payload: { iat: -1e308 } }),
    'is issued tomorrow': () => token({ payload: { iat: seconds(start) + 86_400 } }),
    'is issued after all time': () => token({ payload: { iat: 1e308 } }),
    'says its times as text': () => token({ payload: { iat: '0' as unknown as number } }),
    'names nobody': () => token({ payload: { sub: '' } }),
    'has U+0000 in its subject': () => token({ payload: { sub: 'a\u0000b' } }),
    'has half a surrogate pair in its subject': () => token({ payload: { sub: 'a\ud800' } }),
    'has a line break in its subject': () => token({ payload: { sub: 'a\r\nb' } }),
    'has a subject that shows nothing': () => token({ payload: { sub: ' \u200b' } }),
    'has a subject of 101 characters': () => token({ payload: { sub: 'a'.repeat(101) } }),
    'has U+0000 in its name': () => token({ payload: { name: 'A\u0000da' } }),
    'has half a surrogate pair in its name': () => token({ payload: { name: '\udc00' } }),
    'has a line break in its name': () => token({ payload: { name: 'Ada\r\nBcc: x' } }),
    'has a name that shows nothing': () => token({ payload: { name: ' \u200b\u2060' } }),
    'has a name that is no text': () => token({ payload: { name: ['Ada'] } }),
    'has an e-mail address that is none': () => token({ payload: { email: 'ada' } }),
    'has a line break in its e-mail address': () =>
      token({ payload: { email: 'a@example.com\r\nbcc:x@example.com' } }),
    'has U+0000 in its e-mail address': () => token({ payload: { email: 'a\u0000@example.com' } }),
    'has roles of a wrong shape': () => token({ payload: { roles: 'operator' } }),
    'was changed after it was signed': async () => {
      const [head, , signature] = (await token()).split('.');
      const payload = { ...claims, roles: ['operator'], exp: seconds(start) + 3_600 };
      return `${head}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.${signature}`;
    },
    'has lost its signature': async () => (await token()).replace(/[^.]+$/, ''),
    'is garbage': () => 'a.b.c',
    'is empty': () => '',
    'is endless': () => `e30.${'A'.repeat(10_000)}.AA`,
  };
  it.each([
    ['an expiry far away', { exp: 253_402_300_799 }],
    ['a fraction of a second', { exp: seconds(start) + 0.5 }],
    ['an issuer whose clock is a little ahead', { iat: seconds(start) + 30 }],
  ])('is taken with %s', async (_, payload) => {
    const caller = await verifier().verify(await token({ payload }));
    expect(new Date(caller.expiresAt ?? 0).getTime()).toBeGreaterThan(start);
  });

  it('names its subject exactly as the issuer wrote it', async () => {
    const { id } = await verifier().verify(await token({ payload: { sub: 'Ame\u0301lie' } }));
    expect(id).toBe('Ame\u0301lie');
  });

  it('gives the name in NFC, and does without one', async () => {
    const named = async (payload: object) =>
      (await verifier().verify(await token({ payload: { ...payload } }))).name;
    expect(await named({ name: 'Ame\u0301lie' })).toBe('Am\u00e9lie');
    expect([await named({ name: '' }), await named({ name: undefined })]).toEqual(['', '']);
  });

  it.each(Object.keys(attacks))('is refused when it %s', async (name) => {
    const forged = await attacks[name]?.();
    await expect(verifier().verify(forged ?? '')).rejects.toThrow(InvalidToken);
  });
});

describe('the memory of tokens', () => {
  it('answers at once for a known token, without its key', async () => {
    const known = verifier();
    const text = await token();
    const caller = await known.verify(text);
    lookUps = 0;
    expect(known.verify(text)).toBe(caller as Caller);
    expect(lookUps).toBe(0);
  });

  it('ends with the token', async () => {
    const known = verifier();
    const text = await token({ payload: { exp: seconds(start) + 60 } });
    await known.verify(text);
    now = start + 61_000;
    await expect(Promise.resolve(known.verify(text))).rejects.toThrow(InvalidToken);
    now = start;
  });

  it('asks for the key again after five minutes, so that a withdrawn key stops counting', async () => {
    const known = verifier();
    const text = await token();
    await known.verify(text);
    now = start + 5 * 60_000 + 1;
    lookUps = 0;
    await known.verify(text);
    expect(lookUps).toBe(1);
    now = start;
  });

  it('is bounded, and never remembers what was refused', async () => {
    const known = verifier(2);
    const tokens = await Promise.all([1, 2, 3].map((n) => token({ payload: { jti: `${n}` } })));
    for (const text of tokens) await known.verify(text);
    lookUps = 0;
    await known.verify(tokens[2] ?? '');
    expect(lookUps).toBe(0);
    await known.verify(tokens[0] ?? '');
    expect(lookUps).toBe(1);
  });
});
