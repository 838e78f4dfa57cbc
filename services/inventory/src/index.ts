export { type InventoryConfig, inventoryConfig } from './inventory.config.ts';
export { inventoryService } from './inventory.service.ts';
export { catalogueSeed } from './seed/catalogue.ts';
export { inventoryInvariants } from './storage/inventory.invariants.ts';
