import { EventStoreTables1763683250000 } from '@waybill/event-store';
import type { Stored } from '@waybill/persistence';
import { InjectedFaults1795980000007 } from '@waybill/service';
import { accounts, credentials, emailOwners } from './customer.entities.ts';
import { CustomerAccounts1796700000001 } from './migrations/1796700000001-customer-accounts.ts';

/** The tables of customer. */
export const customerStorage: Stored = {
  tables: [accounts, emailOwners, credentials],
  migrations: [
    EventStoreTables1763683250000,
    InjectedFaults1795980000007,
    CustomerAccounts1796700000001,
  ],
};
