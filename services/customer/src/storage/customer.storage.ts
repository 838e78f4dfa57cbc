import { EventStoreTables1763683250000 } from '@waybill/event-store';
import type { Stored } from '@waybill/persistence';
import { serviceMigrations } from '@waybill/service';
import { accounts, credentials, emailOwners } from './customer.entities.ts';
import { CustomerAccounts1796700000001 } from './migrations/1796700000001-customer-accounts.ts';

/** The tables of customer. */
export const customerStorage: Stored = {
  tables: [accounts, emailOwners, credentials],
  migrations: [EventStoreTables1763683250000, ...serviceMigrations, CustomerAccounts1796700000001],
};
