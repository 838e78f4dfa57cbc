import { Injectable } from '@nestjs/common';
import {
  type Contract,
  OrderCancelled,
  OrderConfirmed,
  OrderPlaced,
  OrderRejected,
} from '@waybill/contracts';
import { Handles, on } from '@waybill/messaging';
import { type CountedOrder, count, countsId, type OrderFact } from '../domain/order-counts.ts';
import { orderCounts } from '../storage/analytics.entities.ts';

/** Counts the events of orders by the minute. The inbox guarantees that nothing counts twice. */
@Injectable()
export class OrderCountsConsumer {
  @Handles()
  placed() {
    return counting(OrderPlaced, 'placed');
  }

  @Handles()
  confirmed() {
    return counting(OrderConfirmed, 'confirmed');
  }

  @Handles()
  rejected() {
    return counting(OrderRejected, 'rejected');
  }

  @Handles()
  cancelled() {
    return counting(OrderCancelled, 'cancelled');
  }
}

const counting = <D extends CountedOrder>(contract: Contract<D>, fact: OrderFact) =>
  on(contract, orderCounts, {
    state: countsId,
    decide: (found, order) => ({ changes: [orderCounts.put(count(found, fact, order))] }),
  });
