import { type DynamicModule, Module, type OnApplicationShutdown } from '@nestjs/common';
import { StepFailed } from '@waybill/contracts';
import type { Clock } from '@waybill/messaging';
import { Resilience } from '@waybill/resilience';
import { SagaModule } from '@waybill/saga';
import { CLOCK } from '@waybill/service';
import { type Carrier, Carriers } from './clients/carrier.ts';
import { HttpCarrier } from './clients/http-carrier.ts';
import { ParcelWeigher } from './clients/parcel-weigher.ts';
import { Quoter } from './clients/quoter.ts';
import { RatesRpc } from './grpc/rates.rpc.ts';
import { CarrierWebhookController } from './http/carrier-webhook.controller.ts';
import { LabelController } from './http/label.controller.ts';
import { QuotesController } from './http/quotes.controller.ts';
import { ShipmentsController } from './http/shipments.controller.ts';
import { ShippingConsumer } from './messages/shipping.consumer.ts';
import type { ShippingConfig } from './shipping.config.ts';
import { ShipmentRepository } from './storage/shipment.repository.ts';

/** Shipping; its carriers come from the settings, or from whoever tests or measures it. */
@Module({})
export class ShippingModule implements OnApplicationShutdown {
  constructor(private readonly carriers: Carriers) {}

  static of(config: ShippingConfig, carriers?: readonly Carrier[]): DynamicModule {
    return {
      module: ShippingModule,
      imports: [SagaModule.forParticipant(StepFailed, 'orderId')],
      controllers: [
        QuotesController,
        CarrierWebhookController,
        LabelController,
        ShipmentsController,
        RatesRpc,
      ],
      providers: [
        ShippingConsumer,
        ShipmentRepository,
        ParcelWeigher,
        { provide: Resilience, useFactory: () => new Resilience() },
        {
          provide: Carriers,
          inject: [Resilience, CLOCK],
          useFactory: (resilience: Resilience, clock: Clock) =>
            new Carriers(carriers ?? httpCarriers(config, resilience, clock)),
        },
        {
          provide: Quoter,
          inject: [Carriers, CLOCK],
          useFactory: (all: Carriers, clock: Clock) =>
            new Quoter({ carriers: all, clock, home: config.shipFrom.country }),
        },
      ],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.carriers.close();
  }
}

const httpCarriers = (
  config: ShippingConfig,
  resilience: Resilience,
  clock: Clock,
): readonly Carrier[] =>
  config.carriers.map(
    (name) =>
      new HttpCarrier({
        name,
        url: config.carriersUrl,
        apiKey: config.carriersApiKey,
        resilience,
        clock,
      }),
  );
