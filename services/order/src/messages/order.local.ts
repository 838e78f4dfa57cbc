import {
  type Address,
  type Encrypted,
  type Line,
  line,
  local,
  orderId,
  type ShippingMethod,
} from '@waybill/contracts';
import type { Idempotency, KeptAnswer } from '@waybill/http';
import { z } from 'zod';
import type { PaymentChoice } from '../domain/payment-choice.ts';
import type { Product } from '../domain/pricing.ts';

/** A validated order before its decision. */
export interface AcceptOrderData {
  readonly orderId: string;
  /** Name and e-mail are encrypted, like address, token and note. */
  readonly customer: { readonly id: string; readonly name: string; readonly email: string };
  readonly lines: readonly Line[];
  readonly shippingAddress: Encrypted<Address>;
  readonly country: string;
  readonly shippingMethod: ShippingMethod;
  readonly payment: PaymentChoice;
  readonly note: string | null;
  /** The VAT id of a business, in the form that `vatIdFrom` gives it. */
  readonly vatId: string | null;
  readonly voucherCode: string | null;
  readonly idempotency: Idempotency | null;
  /** Products that inventory returned, because the service's own catalogue did not have them. */
  readonly found: readonly Product[];
}

/** The result of the decision on `AcceptOrder`; a refusal is thrown instead. */
export type Accepted =
  | {
      readonly accepted: KeptAnswer;
      readonly replayed: boolean;
    }
  | { readonly missing: readonly string[] };

/** A customer places an order. The route has validated every field, so it is not validated again here. */
export const AcceptOrder = local('order.accept-order', {
  summary: 'Price an order, place it and begin its saga.',
  schema: z.custom<AcceptOrderData>(),
  key: (data) => data.orderId,
  // The commands of the saga and their replies inherit it.
  priority: ({ shippingMethod }) => (shippingMethod === 'express' ? 'high' : 'normal'),
});

/** A customer cancels an order. The reason is validated by the route. */
export const CancelOrder = local('order.cancel-order', {
  summary: 'Cancel an order that is not shipped yet.',
  schema: z.strictObject({ orderId, reason: z.string() }),
  key: (data) => data.orderId,
});

const returnId = z.uuid();

/** A customer wants to send goods back. The lines and the reason are validated by the route. */
export const RequestReturn = local('order.request-return', {
  summary: 'Authorize the return of goods of a delivered order.',
  schema: z.strictObject({ orderId, lines: z.array(line), reason: z.string() }),
  key: (data) => data.orderId,
});

/** An operator has the goods of a return; without lines, all of them, and all can be sold again. */
export const ReceiveReturn = local('order.receive-return', {
  summary: 'Take the goods of a return back: restock and refund them.',
  schema: z.strictObject({
    orderId,
    returnId,
    // More than a line of an order may have, if a product was on two lines: the decision refuses it with a reason.
    lines: z.array(line.extend({ quantity: z.int().min(1), sellable: z.int().min(0) })).optional(),
  }),
  key: (data) => data.orderId,
});

/** An operator does not accept goods of a return; without lines, none of them. */
export const RefuseReturn = local('order.refuse-return', {
  summary: 'Refuse goods of a return: they are not refunded.',
  schema: z.strictObject({ orderId, returnId, lines: z.array(line).optional() }),
  key: (data) => data.orderId,
});

/** An operator retries or aborts a saga. */
export const OperateSaga = local('order.operate-saga', {
  summary: 'Try the step of a saga again, or give the order up.',
  schema: z.strictObject({
    orderId,
    sagaId: z.string(),
    wish: z.enum(['retry', 'compensate']),
    /** The name of the operator. */
    by: z.string(),
  }),
  key: (data) => data.orderId,
});
