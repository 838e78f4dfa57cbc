import { type RejectionReason, rejectionReason } from '@waybill/contracts';
import { cancelled, type SagaRecord } from '@waybill/saga';
import { toMessages } from '../domain/order.announcements.ts';
import { beginCancel, cancel, reject, requestCancel } from '../domain/order.decisions.ts';
import type { OrderEvent } from '../domain/order.events.ts';
import { fold, type Order } from '../domain/order.ts';
import { orders } from '../storage/order.entities.ts';

/** Sagas record their steps in the events of their order. */
export const orderRecord: SagaRecord<Order, OrderEvent> = {
  stream: orders,
  fold: (order, events, at) => fold(order, events, order.id, at) ?? order,
  publish: toMessages,
  cancelRequested: requestCancel,
  cancelled: (order, why) => [...requestCancel(order, why), ...beginCancel(order)],
  aborted: (order, reason) =>
    reason === cancelled ? cancel(order) : reject(order, asReason(reason)),
};

/** A participant may return a reason that is not public ("undone before it came"): customers get a timeout instead. */
const asReason = (reason: string): RejectionReason =>
  rejectionReason.safeParse(reason).data ?? 'timed_out';
