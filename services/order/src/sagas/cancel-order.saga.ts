import {
  line,
  money,
  orderId,
  PaymentRefunded,
  RefundPayment,
  RefundRefused,
  RestoreStock,
  ShipmentNotStopped,
  ShipmentStopped,
  StepFailed,
  StockRestored,
  StopShipment,
} from '@waybill/contracts';
import { defineSaga } from '@waybill/saga';
import { z } from 'zod';
import { beginCancel, cancel, refuseCancel } from '../domain/order.decisions.ts';
import { happened, type OrderEvent } from '../domain/order.events.ts';
import type { Order } from '../domain/order.ts';
import { creditPart } from '../domain/return.decisions.ts';
import { orderRecord } from './order-record.ts';
import { beginReturn } from './return-order.saga.ts';

const data = z.strictObject({
  orderId,
  lines: z.array(line),
  total: money,
  /** How many, unless it is one. */
  parcelCount: z.int().optional(),
  /** Only of an order that store credit has paid a part of. */
  customerId: z.string().optional(),
});
export type CancelOrder = z.output<typeof data>;

/** Cancels a confirmed order, unless a carrier has one of its parcels already. */
export const cancelOrderSaga = defineSaga<CancelOrder, Order, OrderEvent>({
  name: 'cancel-order',
  version: 1,
  data,
  key: ({ orderId }) => orderId,
  stepFailed: StepFailed,
  record: { ...orderRecord, aborted: refuseCancel },
  // A carrier that could not be stopped may have brought the parcel back meanwhile.
  followedBy: beginReturn,
  steps: (step) => [
    step('begin-cancel', beginCancel),
    step('stop-shipment', {
      pivot: true,
      send: ({ orderId, parcelCount: parcels }) =>
        StopShipment({ orderId, ...(parcels ? { parcels } : {}) }),
      succeedsOn: ShipmentStopped,
      failsOn: ShipmentNotStopped,
      reason: () => 'shipped',
      record: () => [happened('shipment-cancelled')],
    }),
    step('refund-payment', {
      retriable: true,
      // An order is refunded as a whole at most once, so its id names that refund.
      send: ({ orderId, total, customerId }) =>
        RefundPayment({
          orderId,
          refundId: orderId,
          amount: total,
          ...(customerId && { customerId }),
        }),
      succeedsOn: PaymentRefunded,
      failsOn: RefundRefused,
      reason: ({ detail }) => detail,
      record: ({ amount: { amount }, refundId, credit }) => [
        { type: 'payment-refunded', data: { amount, refundId, ...creditPart(credit?.amount) } },
      ],
    }),
    step('restore-stock', {
      retriable: true,
      send: ({ orderId, lines }) => RestoreStock({ orderId, lines }),
      succeedsOn: StockRestored,
    }),
    step('confirm-cancel', cancel),
  ],
});
