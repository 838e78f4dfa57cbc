import type { paymentProviderConfig } from './payment-provider.config.ts';
import { type RunningPaymentProvider, startPaymentProvider } from './start.ts';
import { startStripeDouble } from './stripe/start-stripe.ts';

/** Starts the API that the settings name: the sandbox's own, or a double of Stripe's. */
export const startSandbox = (
  settings: ReturnType<typeof paymentProviderConfig>,
): Promise<RunningPaymentProvider> =>
  settings.speaks === 'stripe' ? startStripeDouble(settings) : startPaymentProvider(settings);
