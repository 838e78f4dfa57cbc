import type { Money } from '@waybill/contracts';
import { z } from 'zod';
import type { AuthorizationAnswer, CaptureAnswer, VoidAnswer } from '../domain/provider.ts';
import { ProviderRejected, ProviderUnreachable } from './provider-errors.ts';
import { fromStripe } from './stripe-amount.ts';
import { reasonOf } from './stripe-refusal.ts';

const amount = z.int().min(0);
const id = z.string().regex(/^[\w-]{1,200}$/);
const metadata = z.record(z.string(), z.string());
const status = z.string().max(100);

/** What is read of a PaymentIntent. */
const intentSchema = z.object({
  id,
  status,
  amount,
  amount_capturable: amount,
  amount_received: amount,
  currency: z.string().regex(/^[a-z]{3}$/),
  latest_charge: z.string().nullable(),
  last_payment_error: z
    .object({ code: z.string().optional(), decline_code: z.string().optional() })
    .nullable(),
  next_action: z
    .object({
      redirect_to_url: z.object({ url: z.url({ protocol: /^https?$/ }).max(2_000) }).optional(),
    })
    .nullable(),
  metadata,
});
export type Intent = z.output<typeof intentSchema>;

const refundSchema = z.object({
  id,
  status,
  amount,
  failure_reason: z.string().optional(),
  metadata: metadata.nullable(),
});
export type StripeRefund = z.output<typeof refundSchema>;

const disputeSchema = z.object({ id, status, amount, metadata });
export type StripeDispute = z.output<typeof disputeSchema>;

const readerOf =
  <T>(schema: z.ZodType<T>) =>
  (operation: string, given: unknown): T => {
    const { data, error } = schema.safeParse(given);
    if (data !== undefined) return data;
    const [problem] = error?.issues ?? [];
    const where = problem?.path.join('.');
    throw new ProviderUnreachable(
      operation,
      `its answer is wrong at ${where}: ${problem?.message}`,
    );
  };

/** Stripe's objects, as far as they are used; a wrong one leaves the outcome unknown. */
export const readIntent = readerOf(intentSchema);
export const readRefund = readerOf(refundSchema);
export const readDispute = readerOf(disputeSchema);

/** An intent that only occupies the key of an operation that was voided before it arrived. */
export const isPlaceholder = (intent: Intent): boolean => intent.metadata['voided'] === 'true';

const answer = <S extends string>(intent: Intent, status: S, moved = 0) => ({
  status,
  ...fromStripe(moved, intent.currency),
  chargeId: intent.id,
  reason: null,
});

const declined = (intent: Intent) => ({
  ...answer(intent, 'declined' as const),
  reason: reasonOf(intent.last_payment_error?.code, intent.last_payment_error?.decline_code),
});

/** What has become of an authorization of `asked`. */
export function authorizationOf(
  operation: string,
  intent: Intent,
  asked: Money,
): AuthorizationAnswer {
  if (isPlaceholder(intent)) return { ...answer(intent, 'voided'), currency: null, chargeId: null };
  if (intent.last_payment_error) return declined(intent);
  switch (intent.status) {
    case 'requires_capture':
    case 'succeeded': {
      const found = answer(intent, 'authorized' as const, intent.amount);
      if (found.amount === asked.amount && found.currency === asked.currency) return found;
      throw new ProviderRejected(operation, 409, 'it has authorized another amount');
    }
    case 'requires_action': {
      const actionUrl = intent.next_action?.redirect_to_url?.url;
      if (actionUrl) return { ...answer(intent, 'requires_action'), actionUrl };
      throw new ProviderUnreachable(operation, 'its answer names no page for the customer');
    }
    case 'canceled':
      return answer(intent, 'voided');
    default:
      throw new ProviderUnreachable(operation, `the payment is ${intent.status}`);
  }
}

/** The result of a capture; null if this operation has not captured the payment. */
export function captureOf(operation: string, intent: Intent, asked: Money): CaptureAnswer | null {
  if (intent.status !== 'succeeded' || intent.metadata['capturedBy'] !== operation) return null;
  const found = answer(intent, 'captured' as const, intent.amount_received);
  if (found.amount === asked.amount && found.currency === asked.currency) return found;
  throw new ProviderRejected(operation, 409, 'it has captured another amount');
}

/** Whether a void can still end a payment. */
export const isOpen = ({ status }: Intent): boolean =>
  status !== 'canceled' && status !== 'succeeded';

/** What a void has found or done. */
export function voidOf(operation: string, intent: Intent): VoidAnswer {
  if (intent.status === 'succeeded') return answer(intent, 'captured');
  if (intent.status !== 'canceled') {
    throw new ProviderUnreachable(operation, `the payment is ${intent.status}`);
  }
  if (isPlaceholder(intent)) return { ...answer(intent, 'voided'), currency: null, chargeId: null };
  if (intent.last_payment_error) return declined(intent);
  // An amount was reserved by a charge; without one the customer never confirmed it.
  return answer(intent, 'voided', intent.latest_charge === null ? 0 : intent.amount);
}
