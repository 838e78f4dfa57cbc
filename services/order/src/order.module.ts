import { Module } from '@nestjs/common';
import { SagaRepository } from '@waybill/saga';
import { DataSource } from 'typeorm';
import { Admission } from './http/admission.ts';
import { OrderIntake } from './http/order-intake.ts';
import { OrderSignals } from './http/order-signals.ts';
import { OrderStream } from './http/order-stream.ts';
import { OrdersController } from './http/orders.controller.ts';
import { SagasController } from './http/sagas.controller.ts';
import { CatalogueConsumer } from './messages/catalogue.consumer.ts';
import { OrderConsumer } from './messages/order.consumer.ts';
import { OrderTimers } from './messages/order-timers.ts';
import { ShipmentConsumer } from './messages/shipment.consumer.ts';
import { OpenSagas } from './storage/open-sagas.ts';
import { OrderRepository } from './storage/order.repository.ts';
import { StoredAnswerPurge } from './storage/stored-answer-purge.ts';

const sagaRepository = (dataSource: DataSource) => new SagaRepository(dataSource);

/** What the order service consists of. */
@Module({
  controllers: [OrdersController, SagasController],
  providers: [
    OrderConsumer,
    ShipmentConsumer,
    CatalogueConsumer,
    OrderIntake,
    OrderSignals,
    OrderStream,
    OrderRepository,
    { provide: SagaRepository, inject: [DataSource], useFactory: sagaRepository },
    Admission,
    OrderTimers,
    OpenSagas,
    StoredAnswerPurge,
  ],
})
export class OrderModule {}
