import { Inject, Injectable } from '@nestjs/common';
import {
  type Contract,
  HighValueOrder,
  OrderCancelled,
  OrderConfirmed,
  OrderPlaced,
  OrderRejected,
} from '@waybill/contracts';
import { Handles, on } from '@waybill/messaging';
import { CONFIG } from '@waybill/service';
import { chain, filter, map } from '@waybill/streams';
import type { AnalyticsConfig } from '../analytics.config.ts';
import { type CountedOrder, count, countsId, type OrderFact } from '../domain/order-counts.ts';
import { type OrderFacts, placedOrder, settledOrder } from '../domain/order-facts.ts';
import { orderCounts, orderFacts } from '../storage/analytics.entities.ts';

/** Counts the events of orders by the minute, and keeps when each was placed and settled. The inbox guarantees that nothing counts twice. */
@Injectable()
export class OrderCountsConsumer {
  constructor(
    @Inject(CONFIG)
    private readonly config: Pick<AnalyticsConfig, 'highValueOrder' | 'shopCurrency'>,
  ) {}

  @Handles()
  placed() {
    const { highValueOrder: threshold, shopCurrency: currency } = this.config;
    return on(OrderPlaced, orderCounts, {
      state: countsId,
      also: ({ orderId }) => [{ ...orderFacts.at(orderId), isNew: true }],
      decide: (found, order, { read }) => {
        const known = read(orderFacts.at(order.orderId));
        const facts = known ?? placedOrder(order, { threshold, currency });
        return {
          changes: [orderCounts.put(count(found, 'placed', order)), orderFacts.put(facts)],
          send: ofHighValue(facts),
        };
      },
    });
  }

  @Handles()
  confirmed() {
    return settling(OrderConfirmed, 'confirmed');
  }

  @Handles()
  rejected() {
    return settling(OrderRejected, 'rejected');
  }

  @Handles()
  cancelled() {
    return settling(OrderCancelled, 'cancelled');
  }
}

const ofHighValue = chain(
  filter<OrderFacts>(({ highValue }) => highValue),
  map(({ orderId, customerId, country, amount, currency, placedAt: at }) =>
    HighValueOrder({ orderId, customerId, country, total: { amount, currency }, at }),
  ),
);

const settling = <D extends CountedOrder>(
  contract: Contract<D>,
  outcome: Exclude<OrderFact, 'placed'>,
) =>
  on(contract, orderCounts, {
    state: countsId,
    also: ({ orderId }) => [orderFacts.at(orderId)],
    decide: (found, order, { read }) => {
      const facts = read(orderFacts.at(order.orderId));
      return {
        changes: [
          orderCounts.put(count(found, outcome, order)),
          // An order that an earlier release counted has no facts.
          ...(facts ? [orderFacts.put(settledOrder(facts, outcome, order))] : []),
        ],
      };
    },
  });
