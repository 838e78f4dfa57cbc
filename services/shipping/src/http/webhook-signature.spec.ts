import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { isSigned, type SignedWebhook } from './webhook-signature.ts';

const secret = 'whsec_Y2FycmllcnMtZGV2ZWxvcG1lbnQtc2VjcmV0';
const other = 'whsec_YW5vdGhlci1zZWNyZXQtb2YtYS1jYXJyaWVy';
const now = new Date('2026-03-01T10:00:00Z');
const seconds = now.getTime() / 1_000;

function signed(raw: string, timestamp = seconds, key = secret): SignedWebhook {
  const signature = createHmac('sha256', Buffer.from(key.slice(6), 'base64'))
    .update(`msg_1.${timestamp}.${raw}`)
    .digest('base64');
  const bytes = Buffer.from(raw);
  return { id: 'msg_1', timestamp: `${timestamp}`, signature: `v1,${signature}`, raw: bytes };
}

describe('the signature of a webhook', () => {
  it('agrees with the example of the specification', () => {
    const example: SignedWebhook = {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      timestamp: '1614265330',
      signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
      raw: Buffer.from('{"test": 2432232314}'),
    };
    const key = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    expect(isSigned(example, [key], new Date(1_614_265_330_000))).toBe(true);
  });

  it.each([-300, 0, 300])('is good %d seconds away', (away) => {
    expect(isSigned(signed('{}', seconds + away), [secret], now)).toBe(true);
  });

  it.each([-301, 301])('is too old or too new %d seconds away', (away) => {
    expect(isSigned(signed('{}', seconds + away), [secret], now)).toBe(false);
  });

  it('may be of either secret while it is changed, and of no other', () => {
    expect(isSigned(signed('{}', seconds, other), [secret, other], now)).toBe(true);
    expect(isSigned(signed('{}', seconds, other), [secret], now)).toBe(false);
    const both = `v1,AAAA ${signed('{}').signature}`;
    expect(isSigned({ ...signed('{}'), signature: both }, [secret], now)).toBe(true);
  });

  it('fails for every flipped bit of the body', () => {
    const good = signed('{"type":"shipment.moved"}');
    const raw = good.raw ?? Buffer.alloc(0);
    for (let bit = 0; bit < raw.length * 8; bit += 1) {
      const changed = Buffer.from(raw);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(isSigned({ ...good, raw: changed }, [secret], now)).toBe(false);
    }
  });

  it.each([
    ['no id', { id: undefined }],
    ['another id', { id: 'msg_2' }],
    ['no timestamp', { timestamp: undefined }],
    ['a timestamp that is no number', { timestamp: 'NaN' }],
    ['no signature', { signature: undefined }],
    ['an empty signature', { signature: 'v1,' }],
    ['another scheme', { signature: (signed('{}').signature ?? '').replace('v1,', 'v2,') }],
    ['no body', { raw: undefined }],
  ])('fails with %s', (_, change) => {
    expect(isSigned({ ...signed('{}'), ...change }, [secret], now)).toBe(false);
  });
});
