import { local } from '@waybill/contracts';
import { z } from 'zod';
import type { Registration } from '../domain/account.events.ts';

export interface RegisterAccountData extends Registration {
  readonly customerId: string;
  /** A keyed hash of the address: the same for two spellings of one address. */
  readonly emailHash: string;
  readonly passwordHash: string;
}

/** A customer signs up. The route has validated every field. */
export const RegisterAccount = local('customer.register-account', {
  summary: 'Open an account.',
  schema: z.custom<RegisterAccountData>(),
  key: (data) => data.customerId,
});
