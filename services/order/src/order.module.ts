import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataKeysDeleted, FindDataKeys, foundDataKeys } from '@waybill/contracts';
import { findDataKeysByGrpc, findProductsByGrpc } from '@waybill/contracts/grpc';
import { CLOCK, type Clock, MessagingModule } from '@waybill/messaging';
import { LOGGER, type Log } from '@waybill/observability';
import { PersistenceModule } from '@waybill/persistence';
import { SagaModule, SagaRegistry, SagaRepository, type SagaSettings } from '@waybill/saga';
import { CONFIG, ServiceModule } from '@waybill/service';
import { OrderExporter } from './export/order-exporter.ts';
import { Admission } from './http/admission.ts';
import { DoomedOrders } from './http/doomed-orders.ts';
import { ExportedOrders } from './http/exported-orders.ts';
import { ExportsController } from './http/exports.controller.ts';
import { InvoicesController } from './http/invoices.controller.ts';
import { OrderIntake } from './http/order-intake.ts';
import { OrderSignals } from './http/order-signals.ts';
import { OrderSlo } from './http/order-slo.ts';
import { OrderStream } from './http/order-stream.ts';
import { OrderViews } from './http/order-views.ts';
import { OrdersController } from './http/orders.controller.ts';
import { PersonalOrders } from './http/personal-orders.ts';
import { ReturnsController } from './http/returns.controller.ts';
import { SagasController } from './http/sagas.controller.ts';
import { VouchersController } from './http/vouchers.controller.ts';
import { CatalogueConsumer } from './messages/catalogue.consumer.ts';
import { DisputeConsumer } from './messages/dispute.consumer.ts';
import { OrderConsumer } from './messages/order.consumer.ts';
import { publishedOrders } from './messages/published-orders.ts';
import { ReturnConsumer } from './messages/return.consumer.ts';
import { ShipmentConsumer } from './messages/shipment.consumer.ts';
import { VoucherConsumer } from './messages/voucher.consumer.ts';
import { type OrderConfig, orderConfig } from './order.config.ts';
import { orderSagas } from './sagas/order-sagas.ts';
import { InvoiceEntity } from './storage/invoice.entity.ts';
import { InvoiceRepository } from './storage/invoice.repository.ts';
import { InvoiceWriter } from './storage/invoice-writer.ts';
import { OpenSagas } from './storage/open-sagas.ts';
import { OrderEntity, OrderEventEntity } from './storage/order.entities.ts';
import { orderInvariants } from './storage/order.invariants.ts';
import { OrderRepository } from './storage/order.repository.ts';
import { orderStorage } from './storage/order.storage.ts';
import { OrderDocuments } from './storage/order-documents.ts';
import { OrderExportEntity } from './storage/order-export.entity.ts';
import { OrderExportRepository } from './storage/order-export.repository.ts';
import { SagaActionEntity } from './storage/saga-action.entity.ts';
import { SagaActionRepository } from './storage/saga-action.repository.ts';
import { SloMinuteEntity } from './storage/slo-minute.entity.ts';
import { SloMinuteRepository } from './storage/slo-minute.repository.ts';
import { StuckSagas } from './storage/stuck-sagas.ts';
import { VoucherEntity } from './storage/voucher.entities.ts';
import { VoucherRepository } from './storage/voucher.repository.ts';

const sagaSettings = (config: OrderConfig, clock: Clock, log: Log): SagaSettings => ({
  replyTimeout: config.sagaNetMs,
  clock,
  onTrouble: (error, what) => log.warn({ error }, what),
});

/** Orders, from placing to delivery, and their sagas. */
@Module({
  imports: [
    ServiceModule.forRoot({
      name: 'order',
      config: orderConfig,
      invariants: orderInvariants,
      port: 8081,
      problems: {
        wrong_state: 409,
        saga_settled: 409,
        past_point_of_no_return: 409,
        not_found: 404,
        voucher_exists: 409,
        wrong_currency: 422,
        idempotency_key_reused: 422,
      },
      lacks: async (dataSource) =>
        new SagaRegistry(orderSagas).missing(await new SagaRepository(dataSource).inFlight()),
      calls: [findProductsByGrpc, findDataKeysByGrpc],
      dataKeys: { contract: FindDataKeys, answer: foundDataKeys, deleted: DataKeysDeleted },
      published: publishedOrders,
      retained: ({ exportRetention: keep }) => [
        { table: 'order_exports', at: 'started_at', keep },
        { table: 'order_export_pages', at: 'at', keep },
        { table: 'slo_minutes', at: 'at', keep: 86_400_000 },
      ],
    }),
    PersistenceModule.forRoot(orderStorage),
    MessagingModule.forRoot(),
    TypeOrmModule.forFeature([
      OrderEntity,
      OrderEventEntity,
      VoucherEntity,
      SagaActionEntity,
      InvoiceEntity,
      OrderExportEntity,
      SloMinuteEntity,
    ]),
    SagaModule.forFeature(orderSagas, {
      inject: [CONFIG, CLOCK, LOGGER],
      useFactory: sagaSettings,
    }),
  ],
  controllers: [
    OrdersController,
    ReturnsController,
    InvoicesController,
    SagasController,
    VouchersController,
    ExportsController,
  ],
  providers: [
    OrderConsumer,
    ShipmentConsumer,
    DisputeConsumer,
    ReturnConsumer,
    CatalogueConsumer,
    VoucherConsumer,
    OrderIntake,
    DoomedOrders,
    OrderSignals,
    OrderSlo,
    StuckSagas,
    OrderStream,
    ExportedOrders,
    OrderViews,
    PersonalOrders,
    OrderRepository,
    SagaActionRepository,
    VoucherRepository,
    InvoiceRepository,
    InvoiceWriter,
    OrderDocuments,
    Admission,
    OpenSagas,
    OrderExportRepository,
    OrderExporter,
    SloMinuteRepository,
  ],
})
export class OrderModule {}
