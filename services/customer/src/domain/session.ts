/** Why a session ended. */
export type SessionEnd = 'signed_out' | 'reused';

/** A sign-in, with the one refresh token of its family that is valid now. */
export interface Session {
  readonly id: string;
  readonly customerId: string;
  /** SHA-256 of the secret that all its refresh tokens share: whoever only knows the id of a session cannot end it. */
  readonly familyHash: string;
  /** SHA-256 of the refresh token that is valid now; those before it are used. */
  readonly tokenHash: string;
  readonly startedAt: string;
  readonly refreshedAt: string;
  /** When its refresh token expires. */
  readonly expiresAt: string;
  readonly endedAt: string | null;
  readonly endReason: SessionEnd | null;
}

/** A refresh token is shown, to get the next one. */
export interface Refreshing {
  readonly tokenHash: string;
  readonly nextTokenHash: string;
  /** It was valid when the request for it arrived. */
  readonly wasValid: boolean;
  readonly expiresAt: string;
}

/** What showing a refresh token leads to. */
export type Refreshed =
  | { readonly outcome: 'refreshed'; readonly session: Session }
  /** Another request with the same token was faster: that one has the next token, and the session goes on. */
  | { readonly outcome: 'overtaken' }
  /** A token that was used before: one of two holders has stolen it, so the session ends. */
  | { readonly outcome: 'reused'; readonly session: Session }
  | { readonly outcome: 'ended' };

/** Replaces the refresh token of a session. Ends the session if the token shown is not its valid one. */
export function refresh(
  session: Session | undefined,
  { tokenHash, nextTokenHash, wasValid, expiresAt }: Refreshing,
  at: string,
): Refreshed {
  if (!session || session.endedAt || session.expiresAt <= at) return { outcome: 'ended' };
  if (session.tokenHash === tokenHash) {
    const next = { ...session, tokenHash: nextTokenHash, refreshedAt: at, expiresAt };
    return { outcome: 'refreshed', session: next };
  }
  if (wasValid) return { outcome: 'overtaken' };
  return { outcome: 'reused', session: ended(session, 'reused', at) };
}

/** The session once it has ended: none of its refresh tokens is valid. */
export const ended = (session: Session, endReason: SessionEnd, at: string): Session => ({
  ...session,
  endedAt: at,
  endReason,
});
