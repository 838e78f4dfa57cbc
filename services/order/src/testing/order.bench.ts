import type { Message, Money } from '@waybill/contracts';
import type { ConsumerOptions, StateTable } from '@waybill/messaging';
import { ConsumerBench } from '@waybill/messaging/testing';
import { SagaRegistry, SagaRunner } from '@waybill/saga';
import type { Order } from '../domain/order.ts';
import { CatalogueConsumer } from '../messages/catalogue.consumer.ts';
import { DisputeConsumer } from '../messages/dispute.consumer.ts';
import { OrderConsumer } from '../messages/order.consumer.ts';
import { type Accepted, AcceptOrder, type AcceptOrderData } from '../messages/order.local.ts';
import { ReturnConsumer } from '../messages/return.consumer.ts';
import { ShipmentConsumer } from '../messages/shipment.consumer.ts';
import { VoucherConsumer } from '../messages/voucher.consumer.ts';
import { type OrderConfig, orderConfig } from '../order.config.ts';
import { orderSagas } from '../sagas/order-sagas.ts';
import { orders } from '../storage/order.entities.ts';
import { replyTo } from './order.fixtures.ts';

/** Every handler of the order service on a test bench. */
export class OrderBench extends ConsumerBench {
  constructor(settings: Partial<OrderConfig> = {}, options: Partial<ConsumerOptions> = {}) {
    super(orderHandlers({ ...orderConfig.parse({}), ...settings }), {
      service: 'order',
      ...options,
    });
  }

  async submitted<A>(message: Message): Promise<A> {
    const [answer] = await Promise.all([this.consumer.submit<A>(message), this.quiet()]);
    return answer;
  }

  accept(order: AcceptOrderData): Promise<Accepted> {
    return this.submitted<Accepted>(AcceptOrder(order));
  }

  /** Delivers messages to the consumer group of the sagas, one after another. */
  async receives(...messages: readonly Message[]): Promise<void> {
    for (const message of messages) {
      this.deliver(message, { group: 'order' });
      await this.quiet();
    }
  }

  /** Replies with success to the saga of an order until it waits at `step`. */
  async goesTo(step: string, orderId: string, total: Money): Promise<void> {
    for (const { steps } of orderSagas) {
      for (const each of steps) {
        if (each.name === step) return;
        if (each.succeedsOn) await this.receives(replyTo(orderId, each.succeedsOn, total));
      }
    }
  }

  /** The types of the messages sent since the last call. */
  published(): string[] {
    return this.sent.splice(0).map(({ type }) => type);
  }

  state<S extends object>(table: StateTable<S>, id: string): S | undefined {
    return this.store.states.get(`${table.table}/${id}`)?.value as S | undefined;
  }

  order(id: string): Order | undefined {
    return this.state(orders, id);
  }

  /** The event types of an order. */
  history(id: string): string[] {
    return this.store.events
      .filter(({ streamId }) => streamId === id)
      .map(({ event }) => event.type);
  }
}

/** Every handler of the order service, with these settings. */
export function orderHandlers(config: OrderConfig) {
  const sagas = new SagaRunner(new SagaRegistry(orderSagas), {
    replyTimeout: config.sagaNetMs,
  });
  const order = new OrderConsumer(config, sagas);
  const returns = new ReturnConsumer(config);
  const vouchers = new VoucherConsumer(config);
  return [
    order.accept(),
    ...sagas.handlers(),
    order.cancel(),
    order.operate(),
    order.reviewReservation(),
    new DisputeConsumer(sagas).dispute(),
    new ShipmentConsumer(config).move(),
    returns.request(),
    returns.receive(),
    returns.refuse(),
    new CatalogueConsumer().change(),
    new CatalogueConsumer().withdraw(),
    vouchers.create(),
    vouchers.disable(),
    vouchers.giveBack(),
  ];
}
