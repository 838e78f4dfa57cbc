import { FindProducts } from '@waybill/contracts';
import { ratesApi } from '@waybill/grpc';
import { defineService, type ServiceDefinition } from '@waybill/service';
import type { Carrier } from './clients/carrier.ts';
import { type ShippingConfig, shippingConfig } from './shipping.config.ts';
import { ShippingModule } from './shipping.module.ts';
import { Shipping1763700000003 } from './storage/migrations/1763700000003-shipping.ts';
import { UnappliedFacts1795860000002 } from './storage/migrations/1795860000002-unapplied-facts.ts';
import { HotShipments1795960000003 } from './storage/migrations/1795960000003-hot-shipments.ts';
import { saidShipments } from './storage/said-shipments.ts';
import { ShipmentEntity } from './storage/shipment.entity.ts';
import { shipments } from './storage/shipping.states.ts';

/** Sends the parcels of orders, with other carriers than the settings name if some are given. */
export const defineShippingService = (
  options: { readonly carriers?: readonly Carrier[] } = {},
): ServiceDefinition<ShippingConfig> =>
  defineService<ShippingConfig>({
    name: 'shipping',
    config: shippingConfig,
    module: (config) => ShippingModule.of(config, options.carriers),
    tables: [shipments],
    entities: [ShipmentEntity],
    migrations: [Shipping1763700000003, UnappliedFacts1795860000002, HotShipments1795960000003],
    port: 8084,
    said: saidShipments,
    asks: [FindProducts],
    grpc: { api: ratesApi, port: 9084 },
    problems: { unknown_sku: 422, duplicate_sku: 422 },
  });

/** The shipping service with the carriers that its settings name. */
export const shippingService = defineShippingService();
