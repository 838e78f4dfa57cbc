import { describe, expect, it } from '@jest/globals';
import { HandClock } from '@waybill/messaging/testing';
import { generateKeyPair, SignJWT } from 'jose';
import { ServiceTokens } from './service-tokens.ts';
import { InvalidToken } from './token-verifier.ts';

const clock = new HandClock();

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
    const { privateKey } = await generateKeyPair('ES256');
    const user = await new SignJWT({ sub: 'ops', aud: 'waybill-internal' })
      .setProtectedHeader({ alg: 'ES256' })
      .setIssuedAt(clock.now())
      .setExpirationTime(new Date(clock.now().getTime() + 60_000))
      .sign(privateKey);
    await expect(tokens.verify(user)).rejects.toThrow(InvalidToken);
  });
});
