import { z } from 'zod';

export type AuthorizationStatus = 'authorized' | 'declined' | 'voided' | 'requires_action';
export type CaptureStatus = 'captured' | 'refused';
export type VoidStatus = 'voided' | 'declined' | 'captured';
export type RefundStatus = 'refunded' | 'refused';

/** A definite response. `amount` is what the operation moved: 0 if nothing. */
export interface Answer<S extends string = string> {
  readonly operationId: string;
  readonly status: S;
  readonly amount: number;
  readonly currency: string | null;
  readonly chargeId: string | null;
  readonly reason: string | null;
}

const at = z.iso.datetime();
const moved = { at, operationId: z.string(), amount: z.int(), currency: z.string() };
/** `refused` is null if the movement happened. */
const movement = { ...moved, authorization: z.string(), refused: z.string().nullable() };

/** One line of the ledger file. */
export const ledgerRecord = z.discriminatedUnion('kind', [
  z.object({
    ...moved,
    kind: z.literal('authorize'),
    orderId: z.string(),
    chargeId: z.string(),
    token: z.string(),
    /** Null if authorized. */
    declined: z.string().nullable(),
  }),
  z.object({ kind: z.literal('void'), at, authorization: z.string() }),
  z.object({ kind: z.literal('challenge'), at, authorization: z.string(), approved: z.boolean() }),
  z.object({ ...movement, kind: z.literal('capture') }),
  z.object({ ...movement, kind: z.literal('refund') }),
]);
export type LedgerRecord = Readonly<z.output<typeof ledgerRecord>>;

/** A request is valid but cannot be carried out: retries do not help. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'Refused';
  }
}
