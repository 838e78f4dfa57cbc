import { createHmac, timingSafeEqual } from 'node:crypto';

const toleranceSeconds = 5 * 60;

/** The headers and bytes of a request that claims to be a webhook. */
export interface SignedRequest {
  readonly id: unknown;
  readonly timestamp: unknown;
  readonly signature: unknown;
  /** As they came: a body that was parsed and written again has other bytes. */
  readonly body: Buffer;
}

/**
 * True when one of the secrets signed these bytes within five minutes of `now`, as the Standard Webhooks
 * specification says (`v1`, HMAC-SHA256).
 */
export function isSigned(request: SignedRequest, secrets: readonly string[], now: Date): boolean {
  const { id, timestamp, signature, body } = request;
  if (typeof id !== 'string' || id === '' || id.length > 256) return false;
  if (typeof timestamp !== 'string' || !/^\d{1,12}$/.test(timestamp)) return false;
  if (typeof signature !== 'string' || signature.length > 4_096) return false;
  const age = Math.abs(Math.floor(now.getTime() / 1_000) - Number(timestamp));
  if (age > toleranceSeconds) return false;
  const given = signature
    .split(' ')
    .filter((each) => each.startsWith('v1,'))
    .map((each) => Buffer.from(each.slice(3)));
  return secrets.some((secret) => {
    const expected = signed(secret, id, timestamp, body);
    return given.some((each) => each.length === expected.length && timingSafeEqual(each, expected));
  });
}

function signed(secret: string, id: string, timestamp: string, body: Buffer): Buffer {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const mac = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64');
  return Buffer.from(mac);
}
