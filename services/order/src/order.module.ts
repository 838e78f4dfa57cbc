import { Module } from '@nestjs/common';
import { Admission } from './http/admission.ts';
import { OrderIntake } from './http/order-intake.ts';
import { OrderSignals } from './http/order-signals.ts';
import { OrdersController } from './http/orders.controller.ts';
import { SagasController } from './http/sagas.controller.ts';
import { CatalogueConsumer } from './messages/catalogue.consumer.ts';
import { OrderConsumer } from './messages/order.consumer.ts';
import { SagaTimers } from './messages/saga-timers.ts';
import { ShipmentConsumer } from './messages/shipment.consumer.ts';
import { OrderRepository } from './storage/order.repository.ts';
import { SagaRepository } from './storage/saga.repository.ts';
import { StoredAnswerPurge } from './storage/stored-answer-purge.ts';

/** What the order service consists of. */
@Module({
  controllers: [OrdersController, SagasController],
  providers: [
    OrderConsumer,
    ShipmentConsumer,
    CatalogueConsumer,
    OrderIntake,
    OrderSignals,
    OrderRepository,
    SagaRepository,
    Admission,
    SagaTimers,
    StoredAnswerPurge,
  ],
})
export class OrderModule {}
