import { type Address, type Line, local, orderId, type ShippingMethod } from '@waybill/contracts';
import { z } from 'zod';
import type { Product } from '../domain/pricing.ts';
import type { StoredAnswer } from '../storage/order.entities.ts';

/** A validated order on its way to its decision. */
export interface AcceptOrderData {
  readonly orderId: string;
  readonly customer: { readonly id: string; readonly name: string; readonly email: string };
  readonly lines: readonly Line[];
  readonly shippingAddress: Address;
  readonly shippingMethod: ShippingMethod;
  readonly payment: { readonly method: 'card'; readonly token: string };
  readonly note: string | null;
  readonly idempotency: { readonly id: string; readonly bodyHash: string } | null;
  /** Products that inventory told of, because the own catalogue did not know them. */
  readonly found: readonly Product[];
}

/** What the decision on `AcceptOrder` answers; a refusal is an error instead. */
export type Accepted =
  | {
      readonly accepted: Pick<StoredAnswer, 'status' | 'location' | 'body'>;
      readonly replayed: boolean;
    }
  | { readonly missing: readonly string[] };

/** A customer places an order. The route has checked every field, so it is not checked again here. */
export const AcceptOrder = local('order.accept-order', {
  summary: 'Price an order, place it and begin its saga.',
  schema: z.custom<AcceptOrderData>(),
  key: (data) => data.orderId,
});

/** An operator wants a saga to try again or to give up. */
export const OperateSaga = local('order.operate-saga', {
  summary: 'Try the step of a saga again, or give the order up.',
  schema: z.strictObject({ orderId, wish: z.enum(['retry', 'compensate']) }),
  key: (data) => data.orderId,
});
