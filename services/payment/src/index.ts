export type { PaymentProvider } from './domain/provider.ts';
export { type PaymentConfig, paymentConfig, wantsStripeDouble } from './payment.config.ts';
export { PaymentModule } from './payment.module.ts';
export { PAYMENT_PROVIDER } from './payment.tokens.ts';
export { paymentInvariants, unsettledMoney } from './storage/payment.invariants.ts';
export { paymentStorage } from './storage/payment.storage.ts';
