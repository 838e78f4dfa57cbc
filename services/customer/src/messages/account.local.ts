import { local } from '@waybill/contracts';
import { z } from 'zod';
import type { AccountChange } from '../domain/account.decisions.ts';
import type { Registration } from '../domain/account.events.ts';

export interface RegisterAccountData extends Registration {
  readonly customerId: string;
  /** A keyed hash of the address: the same for two spellings of one address. Null without an address. */
  readonly emailHash: string | null;
  /** Null for a customer whom another issuer signs in. */
  readonly passwordHash: string | null;
}

/** A customer signs up, or comes from another issuer for the first time. Every field has been validated. */
export const RegisterAccount = local('customer.register-account', {
  summary: 'Open an account.',
  schema: z.custom<RegisterAccountData>(),
  key: (data) => data.customerId,
});

export interface ChangeAccountData {
  readonly customerId: string;
  readonly change: AccountChange;
  /** Only if the e-mail address changes: the hash of the address that the account had, and of the new one; null for none. */
  readonly emailHashes?: { readonly before: string | null; readonly after: string | null };
}

/** A customer or an operator changes an account. The route has validated every field. */
export const ChangeAccount = local('customer.change-account', {
  summary: 'Change an account.',
  schema: z.custom<ChangeAccountData>(),
  key: (data) => data.customerId,
});
