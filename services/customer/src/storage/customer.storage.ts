import { EventStoreTables1763683250000, ReadModelTables1796690000001 } from '@waybill/event-store';
import type { Stored } from '@waybill/persistence';
import { serviceMigrations } from '@waybill/service';
import { SigningKeyEntity, sessions, WrongPasswordsEntity } from './access.entities.ts';
import { accounts, CustomerListEntity, credentials, emailOwners } from './customer.entities.ts';
import { DataKeyEntity } from './data-key.entity.ts';
import { CustomerAccounts1796700000001 } from './migrations/1796700000001-customer-accounts.ts';
import { CustomerList1796700000002 } from './migrations/1796700000002-customer-list.ts';
import { DataKeys1796700000005 } from './migrations/1796700000005-data-keys.ts';
import { Access1796700000102 } from './migrations/1796700000102-access.ts';
import { SessionFamily1796801000001 } from './migrations/1796801000001-session-family.ts';

/** The tables of customer. */
export const customerStorage: Stored = {
  tables: [accounts, emailOwners, credentials, sessions],
  entities: [SigningKeyEntity, WrongPasswordsEntity, CustomerListEntity, DataKeyEntity],
  migrations: [
    EventStoreTables1763683250000,
    ReadModelTables1796690000001,
    ...serviceMigrations,
    CustomerAccounts1796700000001,
    CustomerList1796700000002,
    DataKeys1796700000005,
    Access1796700000102,
    SessionFamily1796801000001,
  ],
};
