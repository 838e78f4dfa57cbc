import {
  AuthorizePayment,
  address,
  BookShipment,
  CancelShipment,
  CapturePayment,
  CaptureRefused,
  CommitStock,
  line,
  money,
  orderId,
  PaymentActionRequired,
  PaymentAuthorized,
  PaymentCaptured,
  PaymentDeclined,
  PaymentVoided,
  ReleaseStock,
  ReserveStock,
  ShipmentBooked,
  ShipmentCancelled,
  ShipmentRejected,
  StepFailed,
  StockCommitted,
  StockRejected,
  StockReleased,
  StockReserved,
  sensitive,
  shippingMethod,
  VoidPayment,
} from '@waybill/contracts';
import { begin, defineSaga } from '@waybill/saga';
import { z } from 'zod';
import { confirm } from '../domain/order.decisions.ts';
import { happened, type OrderEvent } from '../domain/order.events.ts';
import type { Order } from '../domain/order.ts';
import { cancelOrderSaga } from './cancel-order.saga.ts';
import { orderRecord } from './order-record.ts';

const data = z.strictObject({
  orderId,
  customerId: z.string(),
  lines: z.array(line),
  total: money,
  paymentToken: sensitive(z.string()),
  address: sensitive(address),
  shippingMethod,
  weightGrams: z.int(),
});
export type PlaceOrder = z.output<typeof data>;

/** Confirms a placed order, or undoes its steps and rejects it. */
export const placeOrderSaga = defineSaga<PlaceOrder, Order, OrderEvent>({
  name: 'place-order',
  version: 1,
  data,
  key: ({ orderId }) => orderId,
  stepFailed: StepFailed,
  record: orderRecord,
  cancelWith: ({ orderId, lines, total }, _, context) =>
    begin(cancelOrderSaga, { orderId, lines, total }, context),
  steps: (step) => [
    step('reserve-stock', {
      send: ({ orderId, lines }) => ReserveStock({ orderId, lines }),
      succeedsOn: StockReserved,
      failsOn: StockRejected,
      undo: ({ orderId, lines }) => ReleaseStock({ orderId, lines }),
      undoneOn: StockReleased,
    }),
    step('authorize-payment', {
      send: ({ orderId, total, paymentToken }) =>
        AuthorizePayment({ orderId, amount: total, method: 'card', token: paymentToken }),
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
      send: ({ orderId, customerId, address, shippingMethod: method, weightGrams }) =>
        BookShipment({ orderId, customerId, address, method, weightGrams }),
      succeedsOn: ShipmentBooked,
      failsOn: ShipmentRejected,
      reason: ({ reason, final }) => (final ? 'shipping_declined' : reason),
      record: ({ shipmentId: id, carrier, trackingNumber }) => [
        { type: 'shipment-booked', data: { id, carrier, trackingNumber } },
      ],
      undo: ({ orderId }) => CancelShipment({ orderId }),
      undoneOn: ShipmentCancelled,
      recordUndone: () => [happened('shipment-cancelled')],
    }),
    step('capture-payment', {
      pivot: true,
      send: ({ orderId, total }) => CapturePayment({ orderId, amount: total }),
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
