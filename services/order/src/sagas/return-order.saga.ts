import {
  line,
  money,
  orderId,
  PaymentRefunded,
  RefundPayment,
  RefundRefused,
  RestockReturn,
  ReturnRestocked,
  StepFailed,
} from '@waybill/contracts';
import { begin, defineSaga, type SagaContext, type SagaDecision } from '@waybill/saga';
import { z } from 'zod';
import type { OrderEvent } from '../domain/order.events.ts';
import type { Order } from '../domain/order.ts';
import { refundOf } from '../domain/refund.ts';
import { completeReturn, openReturn, recordRefund } from '../domain/return.decisions.ts';
import { orderRecord } from './order-record.ts';

const data = z.strictObject({
  orderId,
  returnId: z.uuid(),
  lines: z.array(line).meta({ description: 'The goods that can be sold again' }),
  amount: money,
  /** Only of an order that store credit has paid a part of. */
  customerId: z.string().optional(),
});
export type ReturnOrder = z.output<typeof data>;

/**
 * Takes goods back that have come. Waiting for them is a state of the order, not a step: it may last for weeks, or for ever, and there is
 * nothing to undo. A refund that is refused does not keep goods from sale, so they are restocked first.
 */
export const returnOrderSaga = defineSaga<ReturnOrder, Order, OrderEvent>({
  name: 'return-order',
  version: 1,
  data,
  key: ({ orderId }) => orderId,
  stepFailed: StepFailed,
  record: orderRecord,
  steps: (step) => [
    step('restock-return', {
      pivot: true,
      send: ({ orderId, returnId, lines }) => RestockReturn({ orderId, returnId, lines }),
      succeedsOn: ReturnRestocked,
      answeredBy: (reply, { returnId }) => reply.returnId === returnId,
    }),
    step('refund-payment', {
      retriable: true,
      send: ({ orderId, returnId, amount, customerId }) =>
        RefundPayment({ orderId, refundId: returnId, amount, ...(customerId && { customerId }) }),
      succeedsOn: PaymentRefunded,
      failsOn: RefundRefused,
      answeredBy: (reply, { returnId }) => reply.refundId === returnId,
      reason: ({ detail }) => detail,
      record: ({ credit }, order) => recordRefund(order, credit?.amount),
    }),
    step('complete-return', completeReturn),
  ],
});

/** Begins the saga of a return that has come; undefined if the order waits for none. */
export function beginReturn(order: Order, context: SagaContext): SagaDecision | undefined {
  const open = openReturn(order);
  if (open?.status !== 'received') return undefined;
  const { amount } = refundOf(order, open);
  const lines = open.lines
    .filter(({ sellable }) => sellable > 0)
    .map(({ sku, sellable: quantity }) => ({ sku, quantity }));
  const total = { amount, currency: order.currency };
  return begin(
    returnOrderSaga,
    { orderId: order.id, returnId: open.id, lines, amount: total, ...creditOwner(order) },
    context,
  );
}

/** Whose store credit the order has used, if it has. */
const creditOwner = ({ customerId, content }: Order) =>
  content.credit === undefined ? {} : { customerId };
