import type { Stored } from '@waybill/persistence';
import { serviceMigrations } from '@waybill/service';
import { importPages, stockImports } from './import.entities.ts';
import {
  images,
  movements,
  productImages,
  products,
  replenishments,
  reservations,
  restocks,
  returnedGoods,
  stock,
  supplierOrders,
} from './inventory.entities.ts';
import { Inventory1763700000001 } from './migrations/1763700000001-inventory.ts';
import { RoomForReservations1795960000005 } from './migrations/1795960000005-room-for-reservations.ts';
import { TaxClasses1795970000002 } from './migrations/1795970000002-tax-classes.ts';
import { RestoredStock1796200000001 } from './migrations/1796200000001-restored-stock.ts';
import { ReturnedGoods1796500000003 } from './migrations/1796500000003-returned-goods.ts';
import { SearchedCatalogue1796803000000 } from './migrations/1796803000000-searched-catalogue.ts';
import { Images1796803000002 } from './migrations/1796803000002-images.ts';
import { StockImports1796805000001 } from './migrations/1796805000001-stock-imports.ts';
import { SupplierOrders1796807000000 } from './migrations/1796807000000-supplier-orders.ts';

/** The tables of inventory. */
export const inventoryStorage: Stored = {
  tables: [
    products,
    images,
    productImages,
    stock,
    reservations,
    restocks,
    returnedGoods,
    replenishments,
    supplierOrders,
    movements,
    stockImports,
    importPages,
  ],
  migrations: [
    Inventory1763700000001,
    RoomForReservations1795960000005,
    TaxClasses1795970000002,
    ...serviceMigrations,
    RestoredStock1796200000001,
    ReturnedGoods1796500000003,
    SearchedCatalogue1796803000000,
    Images1796803000002,
    StockImports1796805000001,
    SupplierOrders1796807000000,
  ],
};
