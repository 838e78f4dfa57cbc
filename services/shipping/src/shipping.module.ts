import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataKeysDeleted, FindDataKeys, foundDataKeys, StepFailed } from '@waybill/contracts';
import { findDataKeysByGrpc, findProductsByGrpc, ratesApi } from '@waybill/contracts/grpc';
import { CLOCK, type Clock, MessagingModule, Requests } from '@waybill/messaging';
import { PersistenceModule } from '@waybill/persistence';
import { Resilience } from '@waybill/resilience';
import { SagaModule } from '@waybill/saga';
import {
  CONFIG,
  FAULTS,
  type FaultPoints,
  FaultyResilience,
  ServiceModule,
} from '@waybill/service';
import { Carriers } from './clients/carrier.ts';
import { httpCarriers } from './clients/http-carrier.ts';
import { ParcelWeigher } from './clients/parcel-weigher.ts';
import { Quoter } from './clients/quoter.ts';
import { RatesRpc } from './grpc/rates.rpc.ts';
import { CarrierWebhookController } from './http/carrier-webhook.controller.ts';
import { ExportedShipments } from './http/exported-shipments.ts';
import { LabelController } from './http/label.controller.ts';
import { QuotesController } from './http/quotes.controller.ts';
import { ShipmentsController } from './http/shipments.controller.ts';
import { QuoteResponder } from './messages/quote.responder.ts';
import { ShippingConsumer } from './messages/shipping.consumer.ts';
import { type ShippingConfig, shippingConfig } from './shipping.config.ts';
import { publishedShipments } from './storage/published-shipments.ts';
import { ShipmentEntity } from './storage/shipment.entity.ts';
import { ShipmentRepository } from './storage/shipment.repository.ts';
import { shippingStorage } from './storage/shipping.storage.ts';

/** Books and follows the parcels of orders. */
@Module({
  imports: [
    ServiceModule.forRoot({
      name: 'shipping',
      config: shippingConfig,
      port: 8084,
      grpc: { api: ratesApi, port: 9084 },
      problems: { unknown_sku: 422, unknown_country: 422, duplicate_sku: 422 },
      calls: [findProductsByGrpc, findDataKeysByGrpc],
      dataKeys: { contract: FindDataKeys, answer: foundDataKeys, deleted: DataKeysDeleted },
      published: publishedShipments,
    }),
    PersistenceModule.forRoot(shippingStorage),
    MessagingModule.forRoot(),
    SagaModule.forParticipant(StepFailed, 'orderId'),
    TypeOrmModule.forFeature([ShipmentEntity]),
  ],
  controllers: [
    QuotesController,
    CarrierWebhookController,
    LabelController,
    ShipmentsController,
    RatesRpc,
  ],
  providers: [
    ShippingConsumer,
    QuoteResponder,
    ExportedShipments,
    ShipmentRepository,
    ParcelWeigher,
    {
      provide: Resilience,
      inject: [FAULTS],
      useFactory: (faults: FaultPoints | null) => new FaultyResilience(faults),
    },
    {
      provide: Carriers,
      inject: [CONFIG, Resilience, CLOCK],
      useFactory: (config: ShippingConfig, resilience: Resilience, clock: Clock) =>
        new Carriers(httpCarriers(config, resilience, clock)),
    },
    {
      provide: Quoter,
      inject: [Carriers, Requests, CLOCK, CONFIG],
      useFactory: (
        carriers: Carriers,
        requests: Requests,
        clock: Clock,
        { shipFrom }: ShippingConfig,
      ) => new Quoter({ carriers, requests, clock, home: shipFrom.country }),
    },
  ],
})
export class ShippingModule {}
