import { maxAmount } from '@waybill/contracts';
import { z } from 'zod';

const amount = z.coerce.number().int().min(1).max(maxAmount);
const metadata = z.record(z.string().max(40), z.string().max(500)).default({});

/** The parameters that the double takes; it refuses those that it would have to ignore. */
export const intentParams = z.strictObject({
  amount,
  currency: z.string().regex(/^[a-z]{3}$/),
  capture_method: z.literal('manual'),
  allowed_payment_method_types: z.strictObject({ 0: z.literal('card') }),
  confirm: z.literal('true').optional(),
  payment_method: z.string().min(1).max(200).optional(),
  return_url: z.url().optional(),
  metadata,
});
export type IntentParams = z.output<typeof intentParams>;

export const captureParams = z.strictObject({ amount_to_capture: amount.optional(), metadata });
export type CaptureParams = z.output<typeof captureParams>;

export const refundParams = z.strictObject({
  payment_intent: z.string().min(1).max(200),
  amount: amount.optional(),
  metadata,
});
export type RefundParams = z.output<typeof refundParams>;

export const disputeParams = z.strictObject({ metadata });

/** The parameters of a form: `metadata[orderId]=1` is `{ metadata: { orderId: '1' } }`. */
export function formOf(text: string): Record<string, unknown> {
  const form = new Map<string, string | Map<string, string>>();
  for (const [name, value] of new URLSearchParams(text)) {
    const [, outer = name, inner] = /^([^[]+)\[([^\]]+)\]$/.exec(name) ?? [];
    if (inner === undefined) form.set(outer, value);
    else {
      const inside = form.get(outer);
      const fields = inside instanceof Map ? inside : new Map<string, string>();
      form.set(outer, fields.set(inner, value));
    }
  }
  return Object.fromEntries(
    [...form].map(([name, value]) => [
      name,
      value instanceof Map ? Object.fromEntries(value) : value,
    ]),
  );
}
