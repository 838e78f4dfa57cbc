import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const toleranceSeconds = 5 * 60;

/** The form of a secret: `whsec_` and the base64 of 24 to 64 bytes. */
export const webhookSecretForm = /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/;

/** A webhook to send. The id stays the same, however often it is sent. */
export interface Webhook {
  readonly id: string;
  readonly body: string;
}

/** A request that claims to be a webhook; Nest's `RawBodyRequest` is one. */
export interface SignedRequest {
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** The raw bytes: a body that was parsed and serialised again has other bytes. */
  readonly rawBody?: Buffer | undefined;
}

/** A secret for a new receiver. */
export const newWebhookSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

/** The three headers that prove to a receiver who sent a webhook and when, with a signature by each secret. */
export function signedHeaders(
  secrets: string | readonly string[],
  { id, body }: Webhook,
  now: Date,
): Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> {
  const timestamp = secondsOf(now);
  const signatures = [secrets]
    .flat()
    .map((secret) => `v1,${macOf(secret, id, timestamp, Buffer.from(body)).toString('base64')}`);
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}

/**
 * The headers of the scheme that many older receivers know: `x-webhook-signature` is `sha256=` and the HMAC-SHA256 of `timestamp.body` in
 * hexadecimal, whose key is the text of the secret. One for each secret, separated by commas.
 */
export function legacySignedHeaders(
  secrets: string | readonly string[],
  { id, body }: Webhook,
  now: Date,
): Record<'x-webhook-id' | 'x-webhook-timestamp' | 'x-webhook-signature', string> {
  const timestamp = secondsOf(now);
  const signatures = [secrets].flat().map((secret) => {
    const mac = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
    return `sha256=${mac}`;
  });
  return {
    'x-webhook-id': id,
    'x-webhook-timestamp': timestamp,
    'x-webhook-signature': signatures.join(','),
  };
}

/** True when one of the secrets signed exactly these bytes within five minutes of `now`, in either direction. */
export function isSigned(request: SignedRequest, secrets: readonly string[], now: Date): boolean {
  const { headers, rawBody } = request;
  const { 'webhook-id': id, 'webhook-timestamp': timestamp } = headers;
  const signature = headers['webhook-signature'];
  if (typeof id !== 'string' || id === '' || id.length > 256 || !rawBody) return false;
  if (typeof timestamp !== 'string' || !/^\d{1,12}$/.test(timestamp)) return false;
  if (typeof signature !== 'string' || signature.length > 4_096) return false;
  const age = Math.abs(Math.floor(now.getTime() / 1_000) - Number(timestamp));
  if (age > toleranceSeconds) return false;
  const given = signature
    .split(' ')
    .filter((each) => each.startsWith('v1,'))
    .map((each) => Buffer.from(each.slice(3)));
  return secrets.some((secret) => {
    const expected = Buffer.from(macOf(secret, id, timestamp, rawBody).toString('base64'));
    return given.some((each) => each.length === expected.length && timingSafeEqual(each, expected));
  });
}

const secondsOf = (now: Date): string => String(Math.floor(now.getTime() / 1_000));

const macOf = (secret: string, id: string, timestamp: string, body: Buffer): Buffer =>
  createHmac('sha256', Buffer.from(secret.replace(/^whsec_/, ''), 'base64'))
    .update(`${id}.${timestamp}.`)
    .update(body)
    .digest();
