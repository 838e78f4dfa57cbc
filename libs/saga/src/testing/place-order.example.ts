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
  VoidPayment,
} from '@waybill/contracts';
import { z } from 'zod';
import { defineSaga } from '../saga.ts';

const data = z.strictObject({
  orderId,
  lines: z.array(line),
  total: money,
  address,
  token: z.string(),
  paymentId: z.uuid().nullable(),
  shipmentId: z.uuid().nullable(),
});

/** The order process as the specs of this library run it: every kind of step, with the real contracts. */
export const placeOrderExample = defineSaga<z.output<typeof data>>({
  name: 'place-order',
  version: 1,
  data,
  key: (saga) => saga.orderId,
  steps: (step) => [
    step('reserve-stock', {
      send: ({ orderId, lines }) => ReserveStock({ orderId, lines }),
      succeedsOn: StockReserved,
      failsOn: StockRejected,
      undo: ({ orderId, lines }) => ReleaseStock({ orderId, lines }),
      undoneOn: StockReleased,
    }),
    step('authorize-payment', {
      send: ({ orderId, total, token }) =>
        AuthorizePayment({ orderId, amount: total, method: 'card', token }),
      succeedsOn: PaymentAuthorized,
      failsOn: PaymentDeclined,
      remember: ({ paymentId }) => ({ paymentId }),
      undo: ({ orderId }) => VoidPayment({ orderId }),
      undoneOn: PaymentVoided,
    }),
    step('book-shipment', {
      send: (saga) =>
        BookShipment({
          orderId: saga.orderId,
          address: saga.address,
          method: 'standard',
          weightGrams: 100,
        }),
      succeedsOn: ShipmentBooked,
      failsOn: ShipmentRejected,
      remember: ({ shipmentId }) => ({ shipmentId }),
      undo: ({ orderId }) => CancelShipment({ orderId }),
      undoneOn: ShipmentCancelled,
      within: '5m',
    }),
    step('capture-payment', {
      send: ({ orderId, total }) => CapturePayment({ orderId, amount: total }),
      succeedsOn: PaymentCaptured,
      failsOn: CaptureRefused,
      reason: () => 'payment_declined',
      pivot: true,
    }),
    step('confirm-order'),
    step('commit-stock', {
      send: ({ orderId, lines }) => CommitStock({ orderId, lines }),
      succeedsOn: StockCommitted,
      retriable: true,
    }),
  ],
});

const id = '019a9c40-0000-7000-8000-000000000001';
const amount = { amount: 1999, currency: 'EUR' };
const orderOf = { orderId: id };

/** Data and replies of one order that runs through `placeOrderExample`. */
export const example = {
  data: {
    orderId: id,
    lines: [{ sku: 'LAPTOP-13', quantity: 1 }],
    total: amount,
    address: {
      name: 'Ada L.',
      line1: '1 Main St',
      city: 'Berlin',
      postalCode: '10115',
      country: 'DE',
    },
    token: 'tok_visa',
    paymentId: null,
    shipmentId: null,
  },
  reserved: StockReserved(orderOf),
  outOfStock: StockRejected({ orderId: id, reason: 'out_of_stock', skus: ['LAPTOP-13'] }),
  released: StockReleased(orderOf),
  authorized: PaymentAuthorized({ orderId: id, paymentId: id, amount }),
  declined: PaymentDeclined({ orderId: id, reason: 'payment_declined', detail: 'no funds' }),
  voided: PaymentVoided({ orderId: id, state: 'voided' }),
  booked: ShipmentBooked({
    orderId: id,
    shipmentId: id,
    carrier: 'swift',
    trackingNumber: 'SW1',
    cost: amount,
  }),
  noCarrier: ShipmentRejected({ orderId: id, reason: 'shipping_unavailable', detail: '' }),
  shipmentCancelled: ShipmentCancelled({ orderId: id, state: 'cancelled' }),
  captured: PaymentCaptured({ orderId: id, paymentId: id, amount }),
  captureRefused: CaptureRefused({ orderId: id, detail: '' }),
  committed: StockCommitted(orderOf),
};
