export type { OrderSums } from './charges.ts';
export type { Faults } from './faults.ts';
export { type InProcessProvider, inProcessProvider } from './in-process.ts';
export type { Answer } from './operation.ts';
export {
  paymentProviderConfig,
  paymentProviderSettings,
  stripeDevelopment,
} from './payment-provider.config.ts';
export {
  type PaymentProviderOptions,
  type RunningPaymentProvider,
  startPaymentProvider,
} from './start.ts';
export { startSandbox } from './start-sandbox.ts';
export { type StripeDoubleOptions, startStripeDouble } from './stripe/start-stripe.ts';
export type { EventReceiver, ProviderEvent } from './webhooks.ts';
