import { createHmac, timingSafeEqual } from 'node:crypto';

/** Seconds between the signature and now, in either direction; older requests may have been recorded by somebody. */
const tolerance = 5 * 60;

/**
 * True if `secret` signed these bytes a moment ago, according to https://www.standardwebhooks.com. The package `standardwebhooks` does
 * the same.
 *
 * @param {string} secret `whsec_` and base64
 * @param {import('node:http').IncomingHttpHeaders} headers
 * @param {Buffer} body the bytes as they arrived, not JSON that was parsed and written again
 */
export function isSigned(secret, headers, body, now = Date.now()) {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': given } = headers;
  if (!id || !given || !/^\d{1,12}$/.test(String(timestamp))) return false;
  if (Math.abs(now / 1_000 - Number(timestamp)) > tolerance) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const mac = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body);
  const expected = Buffer.from(`v1,${mac.digest('base64')}`);
  // Several signatures while the secret is rotated. A comparison that takes the same time for every input tells nothing about the right one.
  return String(given)
    .split(' ')
    .map((each) => Buffer.from(each))
    .some((each) => each.length === expected.length && timingSafeEqual(each, expected));
}
