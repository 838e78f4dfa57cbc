import type { Stored } from '@waybill/persistence';
import {
  MovementEntity,
  ProductEntity,
  ReplenishmentEntity,
  ReservationEntity,
  StockEntity,
} from './inventory.entities.ts';
import {
  movements,
  products,
  replenishments,
  reservations,
  restocks,
  stock,
} from './inventory.states.ts';
import { Inventory1763700000001 } from './migrations/1763700000001-inventory.ts';
import { RoomForReservations1795960000005 } from './migrations/1795960000005-room-for-reservations.ts';

/** What inventory stores. */
export const inventoryStorage: Stored = {
  tables: [products, stock, reservations, restocks, replenishments],
  journals: [movements],
  entities: [ProductEntity, StockEntity, ReservationEntity, MovementEntity, ReplenishmentEntity],
  migrations: [Inventory1763700000001, RoomForReservations1795960000005],
};
