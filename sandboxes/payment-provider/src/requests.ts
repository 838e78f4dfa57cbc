import { maxAmount } from '@waybill/contracts';
import { z } from 'zod';

/** The caller's id of an operation, which is also its idempotency key. */
export const operationId = z
  .string()
  .regex(/^[\x21-\x7e]{1,200}$/, 'is 1 to 200 visible characters');

const amount = z.int().min(1).max(maxAmount);
const currency = z.string().regex(/^[A-Z]{3}$/);

export const authorizeRequest = z.strictObject({
  orderId: z.string().min(1).max(100),
  amount,
  currency,
  token: z.string().min(1).max(200),
});
export type AuthorizeRequest = z.output<typeof authorizeRequest>;

/** Captures and refunds name the authorizing operation. */
export const moveRequest = z.strictObject({ authorization: operationId, amount, currency });
export type MoveRequest = z.output<typeof moveRequest>;

export const voidRequest = z.strictObject({ authorization: operationId });
