export type { PaymentProvider } from './domain/provider.ts';
export { type PaymentConfig, paymentConfig } from './payment.config.ts';
export { definePaymentService, paymentService } from './payment.service.ts';
export { paymentInvariants, unsettledMoney } from './storage/payment.invariants.ts';
