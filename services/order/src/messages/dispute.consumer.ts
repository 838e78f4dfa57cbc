import { Injectable } from '@nestjs/common';
import { PaymentFlagged } from '@waybill/contracts';
import { type Decision, Handles, on } from '@waybill/messaging';
import { SagaRunner, type SagaState } from '@waybill/saga';
import { toMessages } from '../domain/order.announcements.ts';
import { dispute, isStoppable } from '../domain/order.decisions.ts';
import { fold, type Order } from '../domain/order.ts';
import { sagaOf } from '../sagas/order-sagas.ts';
import { orders } from '../storage/order.entities.ts';

const why = { cancel: 'the payment is disputed' } as const;

/** A disputed order is cancelled like one whose customer cancels it, unless its parcel has left: then it only shows the dispute. */
@Injectable()
export class DisputeConsumer {
  constructor(private readonly sagas: SagaRunner) {}

  @Handles()
  dispute() {
    return on(PaymentFlagged, orders, {
      group: 'order.payments',
      state: ({ orderId }) => orderId,
      also: ({ orderId }) => [sagaOf(orderId)],
      decide: (order, { orderId, flag }, { now, read }) => {
        // A charge that no order requested is for operators alone.
        if (!order || flag !== 'dispute') return {};
        const events = dispute(order);
        const disputed = fold(order, events, orderId, now.toISOString());
        if (events.length === 0 || !disputed) return {};
        const {
          changes = [],
          send = toMessages(disputed, events),
          ...stopped
        } = this.stop(disputed, read(sagaOf(orderId)), now);
        return { ...stopped, changes: [orders.append(orderId, ...events), ...changes], send };
      },
    });
  }

  private stop(order: Order, saga: SagaState | undefined, now: Date): Decision {
    return saga && isStoppable(order) ? this.sagas.advance(saga, order, why, now) : {};
  }
}
