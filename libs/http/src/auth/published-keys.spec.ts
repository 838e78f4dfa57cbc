import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { HandClock, until } from '@waybill/messaging/testing';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { IssuerUnavailable } from './issuer-unavailable.ts';
import { PublishedKeys } from './published-keys.ts';

let jwks: JWK[];
let clock: HandClock;
let published: JWK[];
let reads: number;
let isAway: boolean;
let slow: Promise<void>;
let keys: PublishedKeys;

beforeAll(async () => {
  jwks = await Promise.all(
    ['k1', 'k2'].map(async (kid) => ({
      ...(await exportJWK((await generateKeyPair('ES256')).publicKey)),
      kid,
      alg: 'ES256',
    })),
  );
});

beforeEach(() => {
  clock = new HandClock();
  published = jwks.slice(0, 1);
  reads = 0;
  isAway = false;
  slow = Promise.resolve();
  keys = new PublishedKeys(async () => {
    reads += 1;
    await slow;
    if (isAway) throw new Error('away');
    return { keys: published };
  }, clock);
});

const find = (kid: string) => keys.find({ alg: 'ES256', kid }, { payload: '', signature: '' });
const unknown = { code: 'ERR_JWKS_NO_MATCHING_KEY' };

describe('the keys that an issuer publishes', () => {
  it('are read once for tokens that come at the same time', async () => {
    await Promise.all([find('k1'), find('k1'), find('k1')]);
    await find('k1');
    expect(reads).toBe(1);
  });

  it('stay known while the issuer is away, however long', async () => {
    await find('k1');
    isAway = true;
    for (let hour = 0; hour < 48; hour += 1) {
      clock.advance(3_600_000);
      expect(await find('k1')).toBeDefined();
    }
    expect(reads).toBeGreaterThan(1);
  });

  it('are read again after a minute, and no token with a known key waits for that', async () => {
    await find('k1');
    let answer = (): void => {};
    slow = new Promise((resolve) => {
      answer = resolve;
    });
    published = jwks.slice(1);
    clock.advance(60_001);
    expect(await find('k1')).toBeDefined();
    answer();
    await until(async () => {
      clock.advance(1_000);
      return (await find('k1').catch(() => null)) === null;
    });
  });

  it('are read again at once for a key that is new', async () => {
    await find('k1');
    published = jwks;
    clock.advance(1_000);
    expect(await find('k2')).toBeDefined();
    expect(reads).toBe(2);
  });

  it('are read once a second at most, and a token with a key that is new waits instead of being refused', async () => {
    await find('k1');
    published = jwks;
    const waiting = Promise.all([find('k2'), find('k2')]);
    const forged = find('k3').catch((error: unknown) => error);
    clock.advance(999);
    expect(reads).toBe(1);
    clock.advance(1);
    expect(await waiting).toHaveLength(2);
    expect(await forged).toMatchObject(unknown);
    expect(reads).toBe(2);
  });

  it('that cannot be read make a token neither valid nor invalid', async () => {
    isAway = true;
    await expect(find('k1')).rejects.toThrow(IssuerUnavailable);
  });
});
