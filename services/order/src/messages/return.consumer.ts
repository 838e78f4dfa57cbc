import { Inject, Injectable } from '@nestjs/common';
import { type DecideContext, type Decision, Handles, on } from '@waybill/messaging';
import { CONFIG } from '@waybill/service';
import type { OrderEvent } from '../domain/order.events.ts';
import type { Order } from '../domain/order.ts';
import { receiveReturn, refuseReturn, requestReturn } from '../domain/return.decisions.ts';
import type { OrderConfig } from '../order.config.ts';
import { sagasOf } from '../sagas/order-sagas.ts';
import { orders } from '../storage/order.entities.ts';
import { ReceiveReturn, RefuseReturn, RequestReturn } from './order.local.ts';
import { orderDecision } from './order-decision.ts';

/** Handles returns: requests of customers, and what operators do with the goods. Routes have looked the order up. */
@Injectable()
export class ReturnConsumer {
  constructor(@Inject(CONFIG) private readonly config: Pick<OrderConfig, 'sagaNetMs'>) {}

  @Handles()
  request() {
    return on(RequestReturn, orders, {
      state: ({ orderId }) => orderId,
      also: ({ orderId }) => sagasOf(orderId),
      decide: (order, { lines, reason }, context) => {
        if (!order) return {};
        const request = { returnId: context.id('return'), lines, reason };
        const { returnId, events } = requestReturn(order, request);
        return { ...this.decision(order, events, context), answer: { returnId } };
      },
    });
  }

  @Handles()
  receive() {
    return on(ReceiveReturn, orders, {
      state: ({ orderId }) => orderId,
      also: ({ orderId }) => sagasOf(orderId),
      decide: (order, { returnId, lines }, context) =>
        order ? this.decision(order, receiveReturn(order, returnId, lines), context) : {},
    });
  }

  @Handles()
  refuse() {
    return on(RefuseReturn, orders, {
      state: ({ orderId }) => orderId,
      also: ({ orderId }) => sagasOf(orderId),
      decide: (order, { returnId, lines }, context) =>
        order ? this.decision(order, refuseReturn(order, returnId, lines), context) : {},
    });
  }

  private decision(
    order: Order,
    events: readonly OrderEvent[],
    context: DecideContext<unknown>,
  ): Decision {
    return orderDecision(order, events, context, this.config.sagaNetMs);
  }
}
