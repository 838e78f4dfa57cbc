import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a signed webhook brings, as the Standard Webhooks specification names it. */
export interface SignedWebhook {
  readonly id: string | undefined;
  /** Seconds since the epoch, when it was sent. */
  readonly timestamp: string | undefined;
  /** One or more `v1,<base64>`, with spaces between. */
  readonly signature: string | undefined;
  readonly raw: Buffer | undefined;
}

const window = 5 * 60;

/** True when one of our secrets signed exactly these bytes, within five minutes of now in either direction. */
export function isSigned(webhook: SignedWebhook, secrets: readonly string[], now: Date): boolean {
  const { id, timestamp, signature, raw } = webhook;
  if (!id || !timestamp || !signature || !raw || !/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(now.getTime() / 1_000 - Number(timestamp)) > window) return false;
  const given = signature
    .split(' ', 10)
    .filter((part) => part.startsWith('v1,'))
    .map((part) => Buffer.from(part.slice(3), 'base64'));
  return secrets
    .map((secret) => signatureOf(secret, `${id}.${timestamp}.`, raw))
    .some((expected) => given.some((each) => isSame(each, expected)));
}

const signatureOf = (secret: string, head: string, raw: Buffer): Buffer =>
  createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'))
    .update(head)
    .update(raw)
    .digest();

const isSame = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);
