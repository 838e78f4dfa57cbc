import { Module } from '@nestjs/common';
import type { Clock } from '@waybill/messaging';
import { SagaModule, type SagaSettings } from '@waybill/saga';
import { CLOCK, CONFIG, LOGGER, type Log } from '@waybill/service';
import { Admission } from './http/admission.ts';
import { OrderIntake } from './http/order-intake.ts';
import { OrderSignals } from './http/order-signals.ts';
import { OrderStream } from './http/order-stream.ts';
import { OrdersController } from './http/orders.controller.ts';
import { SagasController } from './http/sagas.controller.ts';
import { CatalogueConsumer } from './messages/catalogue.consumer.ts';
import { OrderConsumer } from './messages/order.consumer.ts';
import { ShipmentConsumer } from './messages/shipment.consumer.ts';
import type { OrderConfig } from './order.config.ts';
import { placeOrderSaga } from './sagas/place-order.saga.ts';
import { OpenSagas } from './storage/open-sagas.ts';
import { OrderRepository } from './storage/order.repository.ts';
import { StoredAnswerPurge } from './storage/stored-answer-purge.ts';

const sagaSettings = (config: OrderConfig, clock: Clock, log: Log): SagaSettings => ({
  replyTimeout: config.sagaNetMs,
  clock,
  onTrouble: (error, what) => log.warn({ err: error }, what),
});

/** What the order service consists of. */
@Module({
  imports: [
    SagaModule.forFeature([placeOrderSaga], {
      inject: [CONFIG, CLOCK, LOGGER],
      useFactory: sagaSettings,
    }),
  ],
  controllers: [OrdersController, SagasController],
  providers: [
    OrderConsumer,
    ShipmentConsumer,
    CatalogueConsumer,
    OrderIntake,
    OrderSignals,
    OrderStream,
    OrderRepository,
    Admission,
    OpenSagas,
    StoredAnswerPurge,
  ],
})
export class OrderModule {}
