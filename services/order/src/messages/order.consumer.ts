import { Inject, Injectable } from '@nestjs/common';
import {
  CaptureRefused,
  type Contract,
  PaymentAuthorized,
  PaymentCaptured,
  PaymentDeclined,
  PaymentVoided,
  ReviewReservation,
  ShipmentBooked,
  ShipmentCancelled,
  ShipmentRejected,
  StepFailed,
  StockCommitted,
  StockRejected,
  StockReleased,
  StockReserved,
} from '@waybill/contracts';
import { type Handler, Handles, on } from '@waybill/messaging';
import { SagaDue, timerInput } from '@waybill/saga';
import { CONFIG } from '@waybill/service';
import type { OrderConfig } from '../order.config.ts';
import { catalogue, orders, storedAnswers } from '../storage/order.states.ts';
import { acceptOrder } from './accept-order.ts';
import { AcceptOrder, OperateSaga } from './order.local.ts';
import { SagaConversation, sagaOf } from './saga-conversation.ts';

/** Orders that come in, and every answer that moves the saga of one. */
@Injectable()
export class OrderConsumer {
  private readonly conversation: SagaConversation;

  constructor(@Inject(CONFIG) private readonly config: OrderConfig) {
    this.conversation = new SagaConversation(config.sagaNetMs);
  }

  @Handles()
  accept() {
    return on(AcceptOrder, orders, {
      state: ({ orderId }) => orderId,
      begins: true,
      also: ({ lines, idempotency }) => [
        ...lines.map(({ sku }) => catalogue.at(sku)),
        ...(idempotency ? [storedAnswers.at(idempotency.id)] : []),
      ],
      decide: (known, order, context) =>
        acceptOrder(known, order, context, {
          currency: this.config.shopCurrency,
          net: this.config.sagaNetMs,
        }),
    });
  }

  @Handles()
  stockReserved() {
    return this.onReply(StockReserved);
  }

  @Handles()
  stockRejected() {
    return this.onReply(StockRejected);
  }

  @Handles()
  stockReleased() {
    return this.onReply(StockReleased);
  }

  @Handles()
  stockCommitted() {
    return this.onReply(StockCommitted);
  }

  @Handles()
  paymentAuthorized() {
    return this.onReply(PaymentAuthorized);
  }

  @Handles()
  paymentDeclined() {
    return this.onReply(PaymentDeclined);
  }

  @Handles()
  paymentVoided() {
    return this.onReply(PaymentVoided);
  }

  @Handles()
  paymentCaptured() {
    return this.onReply(PaymentCaptured);
  }

  @Handles()
  captureRefused() {
    return this.onReply(CaptureRefused);
  }

  @Handles()
  shipmentBooked() {
    return this.onReply(ShipmentBooked);
  }

  @Handles()
  shipmentRejected() {
    return this.onReply(ShipmentRejected);
  }

  @Handles()
  shipmentCancelled() {
    return this.onReply(ShipmentCancelled);
  }

  @Handles()
  stepFailed() {
    return this.onReply(StepFailed);
  }

  @Handles()
  sagaDue() {
    return on(SagaDue, orders, {
      state: ({ key }) => key,
      also: ({ key }) => [sagaOf(key)],
      decide: (order, due, context) =>
        this.conversation.hear(order, due.key, timerInput(due), context),
    });
  }

  @Handles()
  operate() {
    return on(OperateSaga, orders, {
      state: ({ orderId }) => orderId,
      also: ({ orderId }) => [sagaOf(orderId)],
      decide: (order, command, context) => this.conversation.operate(order, command, context),
    });
  }

  @Handles()
  reviewReservation() {
    return on(ReviewReservation, orders, {
      state: ({ orderId }) => orderId,
      also: ({ orderId }) => [sagaOf(orderId)],
      decide: (order, question, context) => this.conversation.review(order, question, context),
    });
  }

  /** Late and repeated replies change nothing: the saga knows. */
  private onReply<D extends { readonly orderId: string }>(contract: Contract<D>): Handler {
    return on(contract, orders, {
      state: ({ orderId }) => orderId,
      also: ({ orderId }) => [sagaOf(orderId)],
      decide: (order, data, context) =>
        this.conversation.hear(order, data.orderId, { type: contract.type, data }, context),
    });
  }
}
