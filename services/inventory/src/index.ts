export { AvailabilityWatch } from './grpc/availability-watch.ts';
export { type InventoryConfig, inventoryConfig } from './inventory.config.ts';
export { InventoryModule } from './inventory.module.ts';
export { catalogueSeed } from './seed/catalogue.ts';
export { inventoryInvariants, type LedgerOrder } from './storage/inventory.invariants.ts';
export { inventoryStorage } from './storage/inventory.storage.ts';
