import type { Stored } from '@waybill/persistence';
import { serviceMigrations } from '@waybill/service';
import { Shipping1763700000003 } from './migrations/1763700000003-shipping.ts';
import { UnappliedFacts1795860000002 } from './migrations/1795860000002-unapplied-facts.ts';
import { HotShipments1795960000003 } from './migrations/1795960000003-hot-shipments.ts';
import { Parcels1796300000003 } from './migrations/1796300000003-parcels.ts';
import { ReturnedParcels1796500000005 } from './migrations/1796500000005-returned-parcels.ts';
import { shipments } from './shipment.entity.ts';

/** The tables of shipping. */
export const shippingStorage: Stored = {
  tables: [shipments],
  migrations: [
    Shipping1763700000003,
    UnappliedFacts1795860000002,
    HotShipments1795960000003,
    ...serviceMigrations,
    Parcels1796300000003,
    ReturnedParcels1796500000005,
  ],
};
