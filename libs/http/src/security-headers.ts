/**
 * The headers of every response, also of those without a route: browsers do not sniff types, execute content, show it in a
 * frame or share it with another site, and caches store nothing. A route that needs something else sets the header itself.
 * `Strict-Transport-Security` is the task of the proxy that terminates TLS.
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
