import { EventStoreTables1763683250000 } from '@waybill/event-store';
import type { Stored } from '@waybill/persistence';
import {
  HotSagas1795960000001,
  SagaLogs1795950000005,
  SagasInOrder1797600000000,
  SagaTables1763683300000,
  sagas,
} from '@waybill/saga';
import { serviceMigrations, storedAnswers } from '@waybill/service';
import { InvoiceEntity } from './invoice.entity.ts';
import { Orders1763700000002 } from './migrations/1763700000002-orders.ts';
import { HotOrders1795960000002 } from './migrations/1795960000002-hot-orders.ts';
import { TaxClasses1795970000001 } from './migrations/1795970000001-tax-classes.ts';
import { Vouchers1795970000003 } from './migrations/1795970000003-vouchers.ts';
import { Disputes1795990000001 } from './migrations/1795990000001-disputes.ts';
import { Returns1796500000001 } from './migrations/1796500000001-returns.ts';
import { SagaActions1796500000013 } from './migrations/1796500000013-saga-actions.ts';
import { Invoices1796600000001 } from './migrations/1796600000001-invoices.ts';
import { WithdrawnProducts1796803000001 } from './migrations/1796803000001-withdrawn-products.ts';
import { OrderExports1796805000003 } from './migrations/1796805000003-order-exports.ts';
import { SloMinutes1797000000001 } from './migrations/1797000000001-slo-minutes.ts';
import { catalogue, orders } from './order.entities.ts';
import { OrderExportEntity } from './order-export.entity.ts';
import { sagaActions } from './saga-action.entity.ts';
import { SloMinuteEntity } from './slo-minute.entity.ts';
import { voucherHolders, vouchers } from './voucher.entities.ts';

/** The tables of order. */
export const orderStorage: Stored = {
  tables: [orders, sagas, storedAnswers, catalogue, vouchers, voucherHolders, sagaActions],
  entities: [InvoiceEntity, OrderExportEntity, SloMinuteEntity],
  migrations: [
    EventStoreTables1763683250000,
    SagaTables1763683300000,
    SagaLogs1795950000005,
    Orders1763700000002,
    HotSagas1795960000001,
    HotOrders1795960000002,
    TaxClasses1795970000001,
    Vouchers1795970000003,
    ...serviceMigrations,
    Disputes1795990000001,
    Returns1796500000001,
    SagaActions1796500000013,
    Invoices1796600000001,
    WithdrawnProducts1796803000001,
    OrderExports1796805000003,
    SloMinutes1797000000001,
    SagasInOrder1797600000000,
  ],
};
