import type { RejectionReason } from '@waybill/contracts';
import type { Order } from './order.ts';
import type { CarrierFact, Shipment } from './shipment.ts';

/** Everything that can happen to an order: the types and shapes are stored for good. */
export type OrderEvent =
  | {
      readonly type: 'placed';
      readonly data: Pick<Order, 'number' | 'customerId' | 'total' | 'currency' | 'content'>;
    }
  | {
      readonly type: 'payment-authorized';
      readonly data: { readonly paymentId: string; readonly amount: number };
    }
  | { readonly type: 'payment-captured'; readonly data: { readonly amount: number } }
  | { readonly type: 'payment-voided'; readonly data: Nothing }
  | { readonly type: 'shipment-booked'; readonly data: Omit<Shipment, 'status'> }
  | { readonly type: 'shipment-cancelled'; readonly data: Nothing }
  | { readonly type: 'shipment-moved'; readonly data: CarrierFact }
  | { readonly type: 'rejected'; readonly data: { readonly reason: RejectionReason } }
  | { readonly type: 'cancel-requested'; readonly data: { readonly reason: string } }
  | {
      readonly type: 'confirmed' | 'cancelled' | 'partially-shipped' | 'shipped' | 'delivered';
      readonly data: Nothing;
    };

type Nothing = Readonly<Record<string, never>>;

/** An event that says all by its type. */
export const happened = <T extends Extract<OrderEvent, { readonly data: Nothing }>['type']>(
  type: T,
) => ({ type, data: {} }) as const;
