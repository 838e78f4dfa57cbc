import type { Address, Encrypted, Line, RejectionReason, ShippingMethod } from '@waybill/contracts';
import type { PricedLine } from './pricing.ts';
import type { CarrierFact, Shipment } from './shipment.ts';
import type { Tax } from './tax.ts';

/** What is recorded when a customer places an order. */
export interface OrderPlacement {
  readonly number: string;
  readonly customerId: string;
  readonly total: number;
  readonly currency: string;
  readonly content: OrderContent;
}

/** The agreed content of an order, which never changes. Amounts are in minor units. */
export interface OrderContent {
  readonly customerName: Encrypted<string>;
  readonly customerEmail: Encrypted<string>;
  readonly lines: readonly PricedLine[];
  readonly shippingAddress: Encrypted<Address>;
  /** That of the address; in orders of earlier releases it is in the address only. See `countryOf`. */
  readonly country?: string;
  readonly shippingMethod: ShippingMethod;
  readonly note: Encrypted<string> | null;
  readonly subtotal: number;
  readonly shippingCost: number;
  readonly tax: number;
  /** The tax of each class, unless there is the standard one alone: then `taxRate` says it all. See `taxesOf`. */
  readonly taxes?: readonly Tax[];
  readonly taxRate?: number;
  /** Only of businesses that gave theirs. */
  readonly vatId?: string;
  readonly reverseCharge?: true;
  /** Only of orders with one; `discount` lowers the subtotal. */
  readonly voucher?: { readonly code: string; readonly discount: number };
  /** The part of the total that store credit pays; only of orders that use it. */
  readonly credit?: number;
}

/** What was refunded, in minor units. Refunds of a cancelled order, and of releases before returns, are of everything. */
export interface OrderRefund {
  readonly amount: number;
  /** The id of the refund at payment: that of the order when it was cancelled, or that of the return. */
  readonly refundId?: string;
  /** The part of each line; absent when everything was refunded at once. The parts and `shipping` add up to `amount`. */
  readonly lines?: readonly RefundedLine[];
  /** Only of the return after which nothing is left. */
  readonly shipping?: RefundPart;
  /** The part that went back to store credit. */
  readonly credit?: number;
}

/** An amount before tax, and the tax on it. */
export interface RefundPart {
  readonly net: number;
  readonly tax: number;
}

export interface RefundedLine extends RefundPart {
  readonly sku: string;
  readonly quantity: number;
}

/** Goods of a return that have come, and how many of them can be sold again. */
export interface ReceivedLine extends Line {
  readonly sellable: number;
}

/** Every event of an order: the types and shapes are stored for good. */
export type OrderEvent =
  | { readonly type: 'placed'; readonly data: OrderPlacement }
  | {
      readonly type: 'credit-reserved';
      readonly data: { readonly paymentId: string; readonly amount: number };
    }
  | { readonly type: 'credit-released'; readonly data: Nothing }
  | {
      readonly type: 'payment-authorized';
      readonly data: { readonly paymentId: string; readonly amount: number };
    }
  | {
      readonly type: 'payment-action-required';
      readonly data: { readonly paymentId: string; readonly actionUrl: string };
    }
  | { readonly type: 'payment-captured'; readonly data: { readonly amount: number } }
  | { readonly type: 'payment-voided'; readonly data: Nothing }
  | { readonly type: 'payment-refunded'; readonly data: OrderRefund }
  | { readonly type: 'shipment-booked'; readonly data: Omit<Shipment, 'status'> }
  | { readonly type: 'shipment-rebooked'; readonly data: Omit<Shipment, 'status'> }
  | { readonly type: 'shipment-cancelled'; readonly data: Nothing }
  | { readonly type: 'shipment-moved'; readonly data: CarrierFact }
  | { readonly type: 'rejected'; readonly data: { readonly reason: RejectionReason } }
  | { readonly type: 'cancel-requested'; readonly data: { readonly reason: string } }
  | {
      readonly type: 'return-requested';
      readonly data: {
        readonly returnId: string;
        readonly reason: string;
        readonly lines: readonly Line[];
        /** No customer requested it: a carrier brought the goods back. */
        readonly byCarrier?: true;
      };
    }
  | {
      readonly type: 'return-received';
      readonly data: { readonly returnId: string; readonly lines: readonly ReceivedLine[] };
    }
  | {
      readonly type: 'return-refused';
      readonly data: { readonly returnId: string; readonly lines: readonly Line[] };
    }
  | {
      readonly type: 'return-completed';
      readonly data: { readonly returnId: string; readonly status: 'delivered' | 'returned' };
    }
  | {
      readonly type:
        | 'returning'
        | 'confirmed'
        | 'cancelling'
        | 'cancel-refused'
        | 'cancelled'
        | 'partially-shipped'
        | 'shipped'
        | 'delivered'
        | 'disputed';
      readonly data: Nothing;
    };

type Nothing = Readonly<Record<string, never>>;

/** An event without data. */
export const happened = <T extends Extract<OrderEvent, { readonly data: Nothing }>['type']>(
  type: T,
) => ({ type, data: {} }) as const;
