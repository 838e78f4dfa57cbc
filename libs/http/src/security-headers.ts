/**
 * What every answer carries, also those that no route gives: browsers guess no types, run nothing that an answer might
 * hold, show it in no frame and lend it to no other site, and caches keep nothing. A route that means otherwise sets the
 * header itself. `Strict-Transport-Security` belongs to whoever ends TLS in front.
 */
export const securityHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};
