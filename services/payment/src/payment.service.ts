import { defineService, type ServiceDefinition } from '@waybill/service';
import type { PaymentProvider } from './domain/provider.ts';
import { type PaymentConfig, paymentConfig } from './payment.config.ts';
import { paymentModule } from './payment.module.ts';
import { Payment1763700000002 } from './storage/migrations/1763700000002-payment.ts';
import { PaymentFlags1795860000001 } from './storage/migrations/1795860000001-payment-flags.ts';
import { NarrowLedger1795960000004 } from './storage/migrations/1795960000004-narrow-ledger.ts';
import {
  LedgerEntryEntity,
  PaymentEntity,
  PaymentFlagEntity,
  ProviderCallEntity,
  ProviderEventEntity,
  RefundEntity,
} from './storage/payment.entities.ts';
import {
  ledgerEntries,
  paymentFlags,
  payments,
  providerCalls,
  providerEvents,
  refunds,
} from './storage/payment.states.ts';
import { saidPayments } from './storage/said-payments.ts';

/** Takes, holds and gives back the money of orders, on a provider other than the configured one if given. */
export const definePaymentService = (
  options: { readonly provider?: PaymentProvider } = {},
): ServiceDefinition<PaymentConfig> =>
  defineService<PaymentConfig>({
    name: 'payment',
    config: paymentConfig,
    module: (config) => paymentModule(config, options.provider),
    tables: [payments, refunds, providerEvents, paymentFlags],
    journals: [ledgerEntries, providerCalls],
    entities: [
      PaymentEntity,
      PaymentFlagEntity,
      RefundEntity,
      LedgerEntryEntity,
      ProviderCallEntity,
      ProviderEventEntity,
    ],
    migrations: [Payment1763700000002, PaymentFlags1795860000001, NarrowLedger1795960000004],
    port: 8083,
    said: saidPayments,
  });

/** The payment service on the provider that its settings name. */
export const paymentService = definePaymentService();
