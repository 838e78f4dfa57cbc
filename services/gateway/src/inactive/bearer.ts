import type { IncomingMessage } from 'node:http';

/** The bearer token of a request; null without one. */
export function bearerOf({ headers }: IncomingMessage): string | null {
  const [, token = null] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  return token;
}

/** The subject that a token claims, before anything verifies it; null if it claims none. */
export function subjectIn(token: string): string | null {
  const [, claims = ''] = token.split('.', 2);
  try {
    const { sub } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { sub?: unknown };
    return typeof sub === 'string' ? sub : null;
  } catch {
    return null;
  }
}
