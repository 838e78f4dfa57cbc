import { local } from '@waybill/contracts';
import { z } from 'zod';
import type { Refreshing } from '../domain/session.ts';

interface StartSessionData {
  readonly sessionId: string;
  readonly customerId: string;
  readonly familyHash: string;
  readonly tokenHash: string;
  readonly expiresAt: string;
}

/** A customer has signed in. */
export const StartSession = local('customer.start-session', {
  summary: 'Start a session.',
  schema: z.custom<StartSessionData>(),
  key: (data) => data.sessionId,
});

/** A customer shows the refresh token of a session. */
export const RefreshSession = local('customer.refresh-session', {
  summary: 'Replace the refresh token of a session.',
  schema: z.custom<Refreshing & { readonly sessionId: string }>(),
  key: (data) => data.sessionId,
});

/** A customer signs out. */
export const EndSession = local('customer.end-session', {
  summary: 'End a session.',
  schema: z.strictObject({ sessionId: z.uuid() }),
  key: (data) => data.sessionId,
});
