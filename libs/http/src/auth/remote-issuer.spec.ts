import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '@waybill/messaging';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { IssuerUnavailable } from './issuer-unavailable.ts';
import { type RemoteIssuer, remoteVerifier } from './remote-issuer.ts';
import { InvalidToken } from './token-verifier.ts';

const audience = 'waybill';
let url: string;
let privateKey: CryptoKey;
let jwk: JWK;
let requests: string[] = [];
let answers: Record<string, (() => string) | undefined> = {};

const server = createServer((request, response) => {
  requests.push(request.url ?? '');
  const answer = answers[request.url ?? ''];
  response.statusCode = answer ? 200 : 404;
  if (request.url === '/moved') response.writeHead(302, { location: `${url}/jwks.json` });
  response.end(answer?.() ?? '');
});

beforeAll(async () => {
  const pair = await generateKeyPair('RS256');
  privateKey = pair.privateKey;
  jwk = { ...(await exportJWK(pair.publicKey)), kid: 'r1', alg: 'RS256', use: 'sig' };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  requests = [];
  answers = {
    '/jwks.json': () => JSON.stringify({ keys: [jwk] }),
    '/.well-known/openid-configuration': () =>
      JSON.stringify({ issuer: url, jwks_uri: `${url}/jwks.json` }),
  };
});

const remote = (options: Partial<RemoteIssuer> = {}) =>
  remoteVerifier({
    issuer: url,
    audience,
    jwksUrls: [],
    algorithms: ['RS256'],
    clock: systemClock,
    ...options,
  });
const token = (claims: object = {}) =>
  new SignJWT({ sub: 'user-1', ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: 'r1' })
    .setIssuer(url)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime('10m')
    .sign(privateKey);

describe('an issuer in another process', () => {
  it('is found by its OpenID configuration, and asked for its keys once for many tokens', async () => {
    const verifier = remote();
    const ids = [];
    for (const sub of ['user-1', 'user-2'])
      ids.push((await verifier.verify(await token({ sub }))).id);
    expect(ids).toEqual(['user-1', 'user-2']);
    expect(requests).toEqual(['/.well-known/openid-configuration', '/jwks.json']);
  });

  it('is asked for its keys where its settings say, at each replica until one answers', async () => {
    const verifier = remote({
      jwksUrls: ['http://127.0.0.1:9/', `${url}/none`, `${url}/jwks.json`],
    });
    expect(await verifier.verify(await token())).toMatchObject({ id: 'user-1', roles: [] });
    expect(requests).toEqual(['/none', '/jwks.json']);
  });

  it.each([
    ['roles', { roles: ['operator', 'admin'] }, ['operator']],
    ['realm_access.roles', { realm_access: { roles: ['customer'] } }, ['customer']],
    ['https://example.com/roles', { 'https://example.com/roles': ['operator'] }, ['operator']],
    ['realm_access.roles', { realm_access: 'operator', roles: ['operator'] }, []],
    ['groups', { roles: ['operator'] }, []],
    ['constructor.name', {}, []],
  ])('names roles in %s of %j', async (rolesClaim, claims, roles) => {
    expect(await remote({ rolesClaim }).verify(await token(claims))).toMatchObject({ roles });
  });

  it('signs only as its settings say', async () => {
    const verifier = remote({ algorithms: ['ES256'] });
    await expect(Promise.resolve(verifier.verify(await token()))).rejects.toThrow(InvalidToken);
    expect(requests).toEqual([]);
  });

  it.each([
    ['answers nonsense', '/jwks.json', () => 'no keys today'],
    ['answers another thing', '/jwks.json', () => '{"keys":{"kty":"EC"}}'],
    ['answers without an end', '/jwks.json', () => ' '.repeat(1_100_000)],
    [
      'is another issuer',
      '/.well-known/openid-configuration',
      () => `{"issuer":"x","jwks_uri":"${url}/jwks.json"}`,
    ],
    ['has no keys', '/.well-known/openid-configuration', () => `{"issuer":"${url}"}`],
  ])('that %s is not the fault of the token', async (_, path, answer) => {
    answers[path] = answer;
    await expect(Promise.resolve(remote().verify(await token()))).rejects.toThrow(
      IssuerUnavailable,
    );
  });

  it('that sends elsewhere is not followed', async () => {
    const verifier = remote({ jwksUrls: [`${url}/moved`] });
    await expect(Promise.resolve(verifier.verify(await token()))).rejects.toThrow(
      IssuerUnavailable,
    );
    expect(requests).toEqual(['/moved']);
  });
});
