import { catalogueApi } from '@waybill/grpc';
import { defineService } from '@waybill/service';
import { inventoryConfig } from './inventory.config.ts';
import { InventoryModule } from './inventory.module.ts';
import { saidOfStock } from './messages/said-stock.ts';
import { seedCatalogue } from './seed/seed-catalogue.ts';
import {
  MovementEntity,
  ProductEntity,
  ReplenishmentEntity,
  ReservationEntity,
  StockEntity,
} from './storage/inventory.entities.ts';
import {
  movements,
  products,
  replenishments,
  reservations,
  restocks,
  stock,
} from './storage/inventory.states.ts';
import { Inventory1763700000001 } from './storage/migrations/1763700000001-inventory.ts';
import { RoomForReservations1795960000005 } from './storage/migrations/1795960000005-room-for-reservations.ts';

/** The catalogue, the stock, and what orders have put aside. */
export const inventoryService = defineService({
  name: 'inventory',
  port: 8082,
  config: inventoryConfig,
  module: InventoryModule,
  tables: [products, stock, reservations, restocks, replenishments],
  journals: [movements],
  entities: [ProductEntity, StockEntity, ReservationEntity, MovementEntity, ReplenishmentEntity],
  migrations: [Inventory1763700000001, RoomForReservations1795960000005],
  problems: {
    unknown_sku: 404,
    wrong_currency: 422,
    idempotency_key_reused: 422,
    stock_full: 422,
  },
  grpc: { api: catalogueApi, port: 9082 },
  seed: seedCatalogue,
  said: saidOfStock,
});
