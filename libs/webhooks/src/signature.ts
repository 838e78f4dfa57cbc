import { createHmac, timingSafeEqual } from 'node:crypto';

const toleranceSeconds = 5 * 60;

/** The form of a secret: `whsec_` and the base64 of 24 to 64 bytes. */
export const webhookSecretForm = /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/;

/** A webhook to send. The id stays the same, however often it is sent. */
export interface Webhook {
  readonly id: string;
  readonly body: string;
}

/** The headers and bytes of a request that claims to be a webhook. */
export interface SignedRequest {
  readonly id: unknown;
  readonly timestamp: unknown;
  readonly signature: unknown;
  /** The raw bytes: a body that was parsed and serialised again has other bytes. */
  readonly body: Buffer | undefined;
}

/** The three headers that prove to a receiver who sent a webhook and when. */
export function signedHeaders(
  secret: string,
  { id, body }: Webhook,
  now: Date,
): Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> {
  const timestamp = String(Math.floor(now.getTime() / 1_000));
  const mac = macOf(secret, id, timestamp, Buffer.from(body)).toString('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${mac}` };
}

/** True when one of the secrets signed exactly these bytes within five minutes of `now`, in either direction. */
export function isSigned(request: SignedRequest, secrets: readonly string[], now: Date): boolean {
  const { id, timestamp, signature, body } = request;
  if (typeof id !== 'string' || id === '' || id.length > 256 || !body) return false;
  if (typeof timestamp !== 'string' || !/^\d{1,12}$/.test(timestamp)) return false;
  if (typeof signature !== 'string' || signature.length > 4_096) return false;
  const age = Math.abs(Math.floor(now.getTime() / 1_000) - Number(timestamp));
  if (age > toleranceSeconds) return false;
  const given = signature
    .split(' ')
    .filter((each) => each.startsWith('v1,'))
    .map((each) => Buffer.from(each.slice(3)));
  return secrets.some((secret) => {
    const expected = Buffer.from(macOf(secret, id, timestamp, body).toString('base64'));
    return given.some((each) => each.length === expected.length && timingSafeEqual(each, expected));
  });
}

const macOf = (secret: string, id: string, timestamp: string, body: Buffer): Buffer =>
  createHmac('sha256', Buffer.from(secret.replace(/^whsec_/, ''), 'base64'))
    .update(`${id}.${timestamp}.`)
    .update(body)
    .digest();
