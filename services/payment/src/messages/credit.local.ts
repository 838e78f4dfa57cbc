import { local } from '@waybill/contracts';
import type { Idempotency, KeptAnswer } from '@waybill/http';
import { z } from 'zod';
import type { CreditChange } from '../domain/credit-account.ts';

/** The answer to `ChangeCredit`. */
export interface ChangedCredit {
  readonly kept: KeptAnswer;
  readonly replayed: boolean;
}

/** A validated deposit or withdrawal. */
export interface ChangeCreditData extends CreditChange {
  readonly idempotency: Idempotency | null;
}

/** An operator deposits or withdraws store credit. The route has validated every field. */
export const ChangeCredit = local('payment.change-credit', {
  summary: 'Deposit or withdraw store credit of a customer.',
  schema: z.custom<ChangeCreditData>(),
  key: (data) => data.customerId,
});
