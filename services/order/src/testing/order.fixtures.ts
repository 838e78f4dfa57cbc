import {
  CaptureRefused,
  type Contract,
  CreditDeclined,
  CreditReleased,
  CreditReserved,
  type Message,
  newId,
  PaymentActionRequired,
  PaymentAuthorized,
  PaymentCaptured,
  PaymentDeclined,
  PaymentRefunded,
  PaymentVoided,
  ShipmentBooked,
  ShipmentCancelled,
  ShipmentNotStopped,
  ShipmentRejected,
  ShipmentStopped,
  StockCommitted,
  StockRejected,
  StockReleased,
  StockReserved,
  StockRestored,
} from '@waybill/contracts';
import { sampleOf } from '@waybill/contracts/documents';
import type { Product } from '../domain/pricing.ts';
import type { Voucher, VoucherTerms } from '../domain/voucher.ts';
import type { AcceptOrderData } from '../messages/order.local.ts';
import type { PlaceOrder } from '../sagas/place-order.saga.ts';

export const laptop: Product = {
  sku: 'LAPTOP-13',
  name: 'Laptop 13"',
  priceAmount: 99_900,
  currency: 'EUR',
  weightGrams: 1_300,
  taxClass: 'standard',
  productVersion: 1,
};

const id = '019a9c40-0000-7000-8000-000000000001';
const shipmentId = '019a9c40-0000-7000-8000-0000000000aa';
const otherShipmentId = '019a9c40-0000-7000-8000-0000000000bb';
export const address = {
  name: 'Ada L.',
  line1: '1 Main St',
  line2: null,
  city: 'Berlin',
  postalCode: '10115',
  country: 'DE',
};
const amount = { amount: 119_701, currency: 'EUR' };

/** An order as a route submits it. */
export const anOrder = (change: Partial<AcceptOrderData> = {}): AcceptOrderData => ({
  orderId: newId(),
  customer: { id: 'ada', name: 'Ada Lovelace', email: 'ada@example.com' },
  lines: [{ sku: 'LAPTOP-13', quantity: 1 }],
  shippingAddress: address,
  country: ((change.shippingAddress ?? address) as typeof address).country,
  shippingMethod: 'standard',
  payment: { method: 'card', token: 'tok_visa' },
  note: null,
  vatId: null,
  voucherCode: null,
  idempotency: null,
  found: [],
  ...change,
});

export const voucherTerms: VoucherTerms = {
  code: 'SUMMER',
  percent: 10,
  amount: null,
  currency: 'EUR',
  minimumSubtotal: 0,
  validFrom: null,
  validUntil: null,
  maxUses: null,
  maxUsesPerCustomer: null,
};

export const aVoucher = (change: Partial<Voucher> = {}): Voucher => ({
  ...voucherTerms,
  uses: 0,
  disabledAt: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  ...change,
});

/** The data of an order's saga. */
export const sagaData: PlaceOrder = {
  orderId: id,
  customerId: 'ada',
  lines: [{ sku: 'LAPTOP-13', quantity: 1 }],
  total: amount,
  paymentToken: 'tok_visa',
  address,
  shippingMethod: 'standard',
  weightGrams: 1_300,
};

/** What leaves each of two warehouses. */
export const twoParcels = ['MAIN', 'NORTH'].map((warehouse) => ({
  warehouse,
  lines: [{ sku: 'LAPTOP-13', quantity: 1 }],
}));

/** Every reply of the participants, for one order. */
export const repliesTo = (orderId: string, total = amount) => ({
  reserved: StockReserved({ orderId }),
  outOfStock: StockRejected({ orderId, reason: 'out_of_stock', skus: ['LAPTOP-13'] }),
  released: StockReleased({ orderId }),
  committed: StockCommitted({ orderId }),
  creditReserved: CreditReserved({ orderId, paymentId: otherShipmentId, amount: total }),
  creditDeclined: CreditDeclined({ orderId, reason: 'payment_declined', detail: 'too little' }),
  creditReleased: CreditReleased({ orderId }),
  actionRequired: PaymentActionRequired({
    orderId,
    paymentId: shipmentId,
    actionUrl: 'https://provider.example/challenges/ch_1',
    until: '2026-01-01T12:30:00.000Z',
  }),
  authorized: PaymentAuthorized({ orderId, paymentId: shipmentId, amount: total }),
  declined: PaymentDeclined({ orderId, reason: 'payment_declined', detail: 'no funds' }),
  unavailable: PaymentDeclined({ orderId, reason: 'payment_unavailable', detail: '' }),
  voided: PaymentVoided({ orderId, state: 'voided' }),
  booked: ShipmentBooked({
    orderId,
    shipmentId,
    carrier: 'swift',
    trackingNumber: 'SW1',
    cost: { amount: 400, currency: 'EUR' },
  }),
  noCarrier: ShipmentRejected({ orderId, reason: 'shipping_unavailable', detail: '' }),
  noCarrierEver: ShipmentRejected({
    orderId,
    reason: 'shipping_unavailable',
    final: true,
    detail: '',
  }),
  shipmentCancelled: ShipmentCancelled({ orderId, state: 'cancelled' }),
  captured: PaymentCaptured({ orderId, paymentId: shipmentId, amount: total }),
  captureRefused: CaptureRefused({ orderId, detail: '' }),
  stopped: ShipmentStopped({ orderId }),
  notStopped: ShipmentNotStopped({ orderId }),
  refunded: PaymentRefunded({
    orderId,
    paymentId: shipmentId,
    refundId: orderId,
    amount: total,
  }),
  restored: StockRestored({ orderId }),
});

/** The replies about an order with two parcels that differ from those about one. */
export const repliesToTwo = (orderId: string) => ({
  reserved: StockReserved({ orderId, parcels: twoParcels }),
  booked: ShipmentBooked({
    orderId,
    shipmentId,
    carrier: 'swift',
    trackingNumber: 'SW1',
    cost: { amount: 400, currency: 'EUR' },
    others: [
      {
        shipmentId: otherShipmentId,
        carrier: 'heron',
        trackingNumber: 'HR1',
        cost: { amount: 300, currency: 'EUR' },
      },
    ],
  }),
});

/** A reply to one order: from `repliesTo`, or with example data if it has no such reply. */
export function replyTo(orderId: string, contract: Contract, total = amount): Message {
  const known: readonly Message[] = Object.values(repliesTo(orderId, total));
  const named = known.find((each) => each.contract.type === contract.type);
  return named ?? contract({ ...(sampleOf(contract).data as object), orderId });
}

export const shipmentOfReplies = shipmentId;
export const shipmentsOfReplies = [shipmentId, otherShipmentId] as const;
