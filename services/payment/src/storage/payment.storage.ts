import type { Stored } from '@waybill/persistence';
import { IdempotencyKeys1796700000031, serviceMigrations, storedAnswers } from '@waybill/service';
import { Payment1763700000002 } from './migrations/1763700000002-payment.ts';
import { PaymentFlags1795860000001 } from './migrations/1795860000001-payment-flags.ts';
import { NarrowLedger1795960000004 } from './migrations/1795960000004-narrow-ledger.ts';
import { RefundAttempts1796500000004 } from './migrations/1796500000004-refund-attempts.ts';
import { Challenges1796500000012 } from './migrations/1796500000012-challenges.ts';
import { StoreCredit1796700000032 } from './migrations/1796700000032-store-credit.ts';
import { TimesOfCalls1796750000003 } from './migrations/1796750000003-times-of-calls.ts';
import {
  creditAccounts,
  creditPayments,
  ledgerEntries,
  paymentFlags,
  payments,
  providerCalls,
  providerEvents,
  refunds,
} from './payment.entities.ts';

/** The tables of payment. */
export const paymentStorage: Stored = {
  tables: [
    payments,
    refunds,
    creditAccounts,
    creditPayments,
    storedAnswers,
    providerEvents,
    paymentFlags,
    ledgerEntries,
    providerCalls,
  ],
  migrations: [
    Payment1763700000002,
    PaymentFlags1795860000001,
    NarrowLedger1795960000004,
    ...serviceMigrations,
    RefundAttempts1796500000004,
    Challenges1796500000012,
    IdempotencyKeys1796700000031,
    StoreCredit1796700000032,
    TimesOfCalls1796750000003,
  ],
};
