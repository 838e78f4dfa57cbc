/** What an access token says of its user. */
export interface Claims {
  readonly sub: string;
  readonly name: string;
  readonly email: string;
  readonly roles: readonly string[];
  /** Seconds since the epoch. */
  readonly exp: number;
}

/** Seconds that a token must still be valid for a request. */
const margin = 10;

/** Not verified: only the server must not trust it. */
export const claimsOf = (token: string): Claims =>
  JSON.parse(
    new TextDecoder().decode(
      Uint8Array.from(atob(payloadOf(token)), (letter) => letter.charCodeAt(0)),
    ),
  );

export const isExpired = (token: string, now = Date.now()): boolean =>
  claimsOf(token).exp * 1_000 - now < margin * 1_000;

/** The middle part of a JWT (RFC 7519), from base64url to base64. */
const payloadOf = (token: string): string =>
  (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
