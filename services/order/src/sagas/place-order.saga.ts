import {
  type Address,
  AuthorizePayment,
  address,
  BookShipment,
  CancelShipment,
  CapturePayment,
  CaptureRefused,
  CommitStock,
  CreditDeclined,
  CreditReleased,
  CreditReserved,
  country,
  encrypted,
  line,
  type Money,
  money,
  orderId,
  PaymentActionRequired,
  PaymentAuthorized,
  PaymentCaptured,
  PaymentDeclined,
  PaymentVoided,
  ReleaseCredit,
  ReleaseStock,
  ReserveCredit,
  ReserveStock,
  ShipmentBooked,
  ShipmentCancelled,
  ShipmentRejected,
  StepFailed,
  StockCommitted,
  StockRejected,
  StockReleased,
  StockReserved,
  shippingMethod,
  VoidPayment,
  warehouseCode,
} from '@waybill/contracts';
import { begin, defineSaga } from '@waybill/saga';
import { z } from 'zod';
import { confirm } from '../domain/order.decisions.ts';
import { happened, type OrderEvent } from '../domain/order.events.ts';
import type { Order } from '../domain/order.ts';
import { parcelWeights } from '../domain/parcel-weights.ts';
import type { Shipment } from '../domain/shipment.ts';
import { cancelOrderSaga } from './cancel-order.saga.ts';
import { orderRecord } from './order-record.ts';
import { beginReturn } from './return-order.saga.ts';

const data = z.strictObject({
  orderId,
  customerId: z.string(),
  lines: z.array(line),
  total: money,
  /** Of the card, if there is one. */
  paymentToken: encrypted(z.string()).optional(),
  /** The part of the total that store credit pays. */
  credit: money.optional(),
  address: encrypted(address),
  /** That of the address; sagas of earlier releases have it there only. */
  country: country.optional(),
  shippingMethod,
  weightGrams: z.int(),
  unitWeights: z.array(z.int()).optional(),
  /** What leaves each warehouse, if there are several. */
  parcels: z.array(z.strictObject({ warehouse: warehouseCode, lines: z.array(line) })).optional(),
});
export type PlaceOrder = z.output<typeof data>;

const bookingOf = (order: PlaceOrder) => {
  const { orderId, customerId, address, shippingMethod: method, weightGrams } = order;
  const country = order.country ?? (address as Address).country;
  return { orderId, customerId, address, country, method, weightGrams, ...parcelWeights(order) };
};

/** An only parcel is not counted. */
const numberOf = (parcels: PlaceOrder['parcels']) => (parcels ? { parcels: parcels.length } : {});

/** What a card pays beside store credit. */
const less = (total: Money, credit: Money | undefined): Money => ({
  ...total,
  amount: total.amount - (credit?.amount ?? 0),
});

const shipmentBooked = ({
  shipmentId: id,
  carrier,
  trackingNumber,
}: Omit<Shipment, 'id' | 'status'> & { readonly shipmentId: string }): OrderEvent => ({
  type: 'shipment-booked',
  data: { id, carrier, trackingNumber },
});

/** Confirms a placed order, or undoes its steps and rejects it. */
export const placeOrderSaga = defineSaga<PlaceOrder, Order, OrderEvent>({
  name: 'place-order',
  version: 2,
  data,
  key: ({ orderId }) => orderId,
  stepFailed: StepFailed,
  record: orderRecord,
  cancelWith: ({ orderId, customerId, lines, total, parcels, credit }, _, context) => {
    const several = parcels ? { parcelCount: parcels.length } : {};
    const owner = credit ? { customerId } : {};
    return begin(cancelOrderSaga, { orderId, lines, total, ...several, ...owner }, context);
  },
  // A carrier may fail to deliver a parcel while its stock is being committed.
  followedBy: beginReturn,
  steps: (step) => [
    step('reserve-stock', {
      send: ({ orderId, lines }) => ReserveStock({ orderId, lines }),
      succeedsOn: StockReserved,
      failsOn: StockRejected,
      remember: ({ parcels }) => (parcels ? { parcels } : {}),
      undo: ({ orderId, lines }) => ReleaseStock({ orderId, lines }),
      undoneOn: StockReleased,
    }),
    // Before the card, because its outcome is known at once.
    step('reserve-credit', {
      since: 2,
      when: ({ credit }) => credit !== undefined,
      send: ({ orderId, customerId, credit, total }) =>
        ReserveCredit({ orderId, customerId, amount: credit ?? total }),
      succeedsOn: CreditReserved,
      failsOn: CreditDeclined,
      record: ({ paymentId, amount: { amount } }) => [
        { type: 'credit-reserved', data: { paymentId, amount } },
      ],
      undo: ({ orderId, customerId }) => ReleaseCredit({ orderId, customerId }),
      undoneOn: CreditReleased,
      recordUndone: ({ payment }) => (payment.credit ? [happened('credit-released')] : []),
    }),
    step('authorize-payment', {
      when: ({ credit, total }) => credit === undefined || credit.amount < total.amount,
      send: ({ orderId, total, credit, paymentToken: token = '' }) =>
        AuthorizePayment({ orderId, amount: less(total, credit), method: 'card', token }),
      succeedsOn: PaymentAuthorized,
      failsOn: PaymentDeclined,
      // The customer must confirm it; payment itself ends the wait.
      delayedOn: PaymentActionRequired,
      delayedUntil: ({ until }) => until,
      recordDelay: ({ paymentId, actionUrl }, { payment }) =>
        payment.actionUrl === actionUrl
          ? []
          : [{ type: 'payment-action-required', data: { paymentId, actionUrl } }],
      record: ({ paymentId, amount }) => [
        { type: 'payment-authorized', data: { paymentId, amount: amount.amount } },
      ],
      undo: ({ orderId }) => VoidPayment({ orderId }),
      undoneOn: PaymentVoided,
      recordUndone: () => [happened('payment-voided')],
    }),
    step('book-shipment', {
      send: (order) => BookShipment(bookingOf(order)),
      succeedsOn: ShipmentBooked,
      failsOn: ShipmentRejected,
      reason: ({ reason, final }) => (final ? 'shipping_declined' : reason),
      record: ({ others = [], ...first }) => [first, ...others].map(shipmentBooked),
      undo: ({ orderId, parcels }) => CancelShipment({ orderId, ...numberOf(parcels) }),
      undoneOn: ShipmentCancelled,
      recordUndone: () => [happened('shipment-cancelled')],
    }),
    step('capture-payment', {
      pivot: true,
      send: ({ orderId, customerId, total, credit }) =>
        CapturePayment({
          orderId,
          amount: total,
          ...(credit ? { credit: { customerId, amount: credit } } : {}),
        }),
      succeedsOn: PaymentCaptured,
      failsOn: CaptureRefused,
      reason: () => 'payment_declined',
      record: ({ amount: { amount } }) => [{ type: 'payment-captured', data: { amount } }],
    }),
    // The customer waits only for payment and booking, so the order is confirmed in the same commit as the pivot.
    step('confirm-order', confirm),
    step('commit-stock', {
      retriable: true,
      send: ({ orderId, lines }) => CommitStock({ orderId, lines }),
      succeedsOn: StockCommitted,
    }),
  ],
});
