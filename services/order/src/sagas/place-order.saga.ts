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
  PaymentAuthorized,
  PaymentCaptured,
  PaymentDeclined,
  PaymentVoided,
  ReleaseStock,
  ReserveStock,
  ShipmentBooked,
  ShipmentCancelled,
  ShipmentRejected,
  StockCommitted,
  StockRejected,
  StockReleased,
  StockReserved,
  sensitive,
  shippingMethod,
  VoidPayment,
} from '@waybill/contracts';
import { defineSaga } from '@waybill/saga';
import { z } from 'zod';

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

/** Takes a placed order to confirmed, or undoes what was done and rejects it. */
export const placeOrderSaga = defineSaga<PlaceOrder>({
  name: 'place-order',
  version: 1,
  data,
  key: ({ orderId }) => orderId,
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
      undo: ({ orderId }) => VoidPayment({ orderId }),
      undoneOn: PaymentVoided,
    }),
    step('book-shipment', {
      send: ({ orderId, customerId, address, shippingMethod: method, weightGrams }) =>
        BookShipment({ orderId, customerId, address, method, weightGrams }),
      succeedsOn: ShipmentBooked,
      failsOn: ShipmentRejected,
      reason: ({ reason, final }) => (final ? 'shipping_declined' : reason),
      undo: ({ orderId }) => CancelShipment({ orderId }),
      undoneOn: ShipmentCancelled,
    }),
    step('capture-payment', {
      pivot: true,
      send: ({ orderId, total }) => CapturePayment({ orderId, amount: total }),
      succeedsOn: PaymentCaptured,
      failsOn: CaptureRefused,
      reason: () => 'payment_declined',
    }),
    // Paid and booked is all that the customer waits for, so the order is confirmed in the commit of the pivot.
    step('confirm-order'),
    step('commit-stock', {
      retriable: true,
      send: ({ orderId, lines }) => CommitStock({ orderId, lines }),
      succeedsOn: StockCommitted,
    }),
  ],
});
