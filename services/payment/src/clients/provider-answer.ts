import { maxAmount, text } from '@waybill/contracts';
import { z } from 'zod';
import type { ProviderAnswer } from '../domain/provider.ts';
import { ProviderRejected, ProviderUnreachable } from './provider-errors.ts';

const fields = {
  operationId: z.string(),
  amount: z.int().min(0).max(maxAmount),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .nullable(),
  chargeId: text(1, 200).nullable(),
  reason: text(0, 200).nullable(),
};

/** The schemas of the provider's responses. Unknown fields are ignored, so the provider can add fields. */
export const answers = {
  authorize: z
    .object({
      ...fields,
      status: z.enum(['authorized', 'declined', 'voided', 'requires_action']),
      actionUrl: z
        .url({ protocol: /^https?$/ })
        .max(2_000)
        .optional(),
    })
    .refine(({ status, actionUrl }) => status !== 'requires_action' || actionUrl !== undefined, {
      path: ['actionUrl'],
      message: 'is missing',
    }),
  capture: z.object({ ...fields, status: z.enum(['captured', 'refused']) }),
  void: z.object({ ...fields, status: z.enum(['voided', 'declined', 'captured']) }),
  refund: z.object({ ...fields, status: z.enum(['refunded', 'refused']) }),
};

/** A response from the network, not validated yet. */
export interface WireAnswer {
  readonly status: number;
  readonly body: string;
}

/** The definite result of `operation`; throws otherwise. Only 400 and 422 mean that a retry is useless. */
export function readAnswer<S extends string>(
  schema: z.ZodType<ProviderAnswer<S> & { operationId: string }>,
  operation: string,
  { status, body }: WireAnswer,
): ProviderAnswer<S> {
  if (status === 400 || status === 422) {
    throw new ProviderRejected(operation, status, body.slice(0, 200).toWellFormed());
  }
  if (status !== 200) throw new ProviderUnreachable(operation, `it answers ${status}`);
  const parsed = schema.safeParse(parseJson(operation, body));
  if (!parsed.success) {
    const problem = parsed.error.issues[0];
    throw new ProviderUnreachable(
      operation,
      `its answer is wrong at ${problem?.path.join('.')}: ${problem?.message}`,
    );
  }
  const { operationId, ...answer } = parsed.data;
  if (operationId === operation) return answer as ProviderAnswer<S>;
  throw new ProviderUnreachable(operation, 'its answer is about another operation');
}

/** A success with another amount than requested is not a valid response. */
export function assertMoved(
  operation: string,
  asked: { readonly amount: number; readonly currency: string },
  answer: ProviderAnswer,
): void {
  if (answer.amount === asked.amount && answer.currency === asked.currency) return;
  throw new ProviderUnreachable(operation, 'its answer is about another amount');
}

function parseJson(operation: string, body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new ProviderUnreachable(operation, 'its answer is no JSON');
  }
}
