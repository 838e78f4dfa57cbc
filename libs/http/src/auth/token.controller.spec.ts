import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CLOCK } from '@waybill/messaging';
import { HandClock } from '@waybill/messaging/testing';
import { type EdgeApp, edgeApp } from '../testing/edge-app.ts';
import { DevelopmentIssuer } from './development-issuer.ts';
import { developmentUsersConfig } from './development-users.config.ts';
import { ServiceTokens } from './service-tokens.ts';
import { TokenController } from './token.controller.ts';
import { InvalidToken } from './token-verifier.ts';

const users = developmentUsersConfig.parse({});
const clock = new HandClock();
let dataFolder: string;

const openIssuer = () => DevelopmentIssuer.open({ dataFolder, audience: 'waybill', users, clock });

beforeAll(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'waybill-issuer-'));
});
afterAll(() => rm(dataFolder, { recursive: true }));

describe('the development issuer', () => {
  it('keeps one private key, also when several processes start at once', async () => {
    const issuers = await Promise.all([1, 2, 3].map(openIssuer));
    const keys = issuers.map((issuer) => JSON.stringify(issuer.jwks()));
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).not.toContain('"d"');
    const file = join(dataFolder, 'development-issuer.jwk.json');
    expect(JSON.parse(await readFile(file, 'utf8'))).toHaveProperty('d');
    expect((await stat(file)).mode & 0o077).toBe(0);
  });

  it.each([
    ['ada@example.com', ['customer']],
    ['grace@example.com', ['customer']],
    ['ops@example.com', ['operator']],
  ])('signs in %s', async (email, roles) => {
    const issuer = await openIssuer();
    const token = await issuer.signIn(email, 'waybill');
    const caller = await issuer.verifier().verify(token?.accessToken ?? '');
    expect(caller).toMatchObject({ email, roles });
    expect(caller.name.length).toBeGreaterThan(0);
  });

  it('issues tokens for an hour', async () => {
    const issuer = await openIssuer();
    const token = await issuer.signIn('ada@example.com', 'waybill');
    expect(token).toMatchObject({ tokenType: 'Bearer', expiresIn: 3_600 });
    const verifier = issuer.verifier();
    clock.advance(3_599_000);
    expect(await verifier.verify(token?.accessToken ?? '')).toBeDefined();
    clock.advance(2_000);
    await expect(Promise.resolve(verifier.verify(token?.accessToken ?? ''))).rejects.toThrow(
      InvalidToken,
    );
  });

  it('takes other users from its configuration, and says what is wrong with them', () => {
    expect(developmentUsersConfig.safeParse({ DEVELOPMENT_USERS: 'x' }).success).toBe(false);
    const list = JSON.stringify([{ ...users[0], email: 'eve@example.com' }]);
    expect(developmentUsersConfig.parse({ DEVELOPMENT_USERS: list })[0]?.email).toBe(
      'eve@example.com',
    );
  });
});

describe('POST /api/v1/auth/token', () => {
  let edge: EdgeApp;
  beforeAll(async () => {
    const issuer = await openIssuer();
    edge = await edgeApp([TokenController], {
      providers: [
        { provide: DevelopmentIssuer, useValue: issuer },
        { provide: CLOCK, useValue: clock },
      ],
    });
  });
  afterAll(() => edge.app.close());
  beforeEach(() => clock.advance(60_000));

  const signIn = (payload: object) =>
    edge.fastify.inject({ method: 'POST', url: '/api/v1/auth/token', payload });

  it('answers a token that nobody may keep', async () => {
    const response = await signIn({ email: 'ADA@example.com', password: 'waybill' });
    expect(response.statusCode).toBe(200);
    expect(response.headers['cache-control']).toBe('no-store');
    expect(response.json()).toMatchObject({ tokenType: 'Bearer', expiresIn: 3_600 });
  });

  it('refuses a wrong password and an unknown account alike', async () => {
    const wrong = await signIn({ email: 'ada@example.com', password: 'waybil' });
    const unknown = await signIn({ email: 'nobody@example.com', password: 'waybill' });
    for (const response of [wrong, unknown]) {
      expect(response.statusCode).toBe(401);
      expect(response.json()).toMatchObject({ code: 'invalid_credentials' });
    }
    expect(wrong.json().detail).toBe(unknown.json().detail);
  });

  it('lets an account be tried five times a minute with wrong passwords', async () => {
    const grace = { email: 'grace@example.com', password: 'guess' };
    for (let i = 0; i < 5; i += 1) expect((await signIn(grace)).statusCode).toBe(401);
    const sixth = await signIn({ ...grace, password: 'waybill' });
    expect(sixth.statusCode).toBe(429);
    expect(Number(sixth.headers['retry-after'])).toBeGreaterThan(0);
    expect((await signIn({ ...grace, email: 'ada@example.com' })).statusCode).toBe(401);
    clock.advance(59_999);
    const early = await signIn({ ...grace, password: 'waybill' });
    expect([early.statusCode, early.headers['retry-after']]).toEqual([429, '1']);
    clock.advance(1);
    expect((await signIn({ ...grace, password: 'waybill' })).statusCode).toBe(200);
  });

  it('forgets wrong passwords after a right one, and signs in any number of times', async () => {
    const grace = { email: 'grace@example.com', password: 'waybill' };
    for (let round = 0; round < 2; round += 1) {
      for (let i = 0; i < 4; i += 1) await signIn({ ...grace, password: 'guess' });
      expect((await signIn(grace)).statusCode).toBe(200);
    }
    const many = await Promise.all(Array.from({ length: 12 }, () => signIn(grace)));
    expect(many.map(({ statusCode }) => statusCode)).toEqual(Array(12).fill(200));
  });

  it('counts wrong passwords that come at the same time', async () => {
    const guess = { email: 'ops@example.com', password: 'guess' };
    const many = await Promise.all(Array.from({ length: 12 }, () => signIn(guess)));
    const statuses = many.map(({ statusCode }) => statusCode).sort();
    expect(statuses).toEqual([...Array(5).fill(401), ...Array(7).fill(429)]);
  });

  it('refuses what is no credential', async () => {
    const response = await signIn({ email: 'ada', password: 'x', admin: true });
    expect(response.statusCode).toBe(400);
    expect(response.json().errors.map((e: { path: string }) => e.path)).toEqual(
      expect.arrayContaining(['/email', '/admin']),
    );
  });

  it('publishes its keys', async () => {
    const response = await edge.fastify.inject('/.well-known/jwks.json');
    expect(response.json().keys[0]).toMatchObject({ alg: 'ES256', use: 'sig' });
  });
});

describe('a service token', () => {
  const secret = 'a-secret-of-more-than-32-characters';

  it('names its service for five minutes, and is made anew in time', async () => {
    const tokens = new ServiceTokens('order', secret, clock);
    const first = await tokens.issue();
    expect(await tokens.verify(first)).toBe('order');
    clock.advance(200_000);
    expect(await tokens.issue()).toBe(first);
    clock.advance(60_000);
    expect(await tokens.issue()).not.toBe(first);
    clock.advance(50_000);
    await expect(tokens.verify(first)).rejects.toThrow(InvalidToken);
  });

  it('of another system, or of a user, is refused', async () => {
    const tokens = new ServiceTokens('order', secret, clock);
    const other = new ServiceTokens('order', 'another-secret-with-32-characters!', clock);
    await expect(tokens.verify(await other.issue())).rejects.toThrow(InvalidToken);
    const issuer = await openIssuer();
    const user = await issuer.signIn('ops@example.com', 'waybill');
    await expect(tokens.verify(user?.accessToken ?? '')).rejects.toThrow(InvalidToken);
    await expect(Promise.resolve(issuer.verifier().verify(await tokens.issue()))).rejects.toThrow(
      InvalidToken,
    );
  });
});
