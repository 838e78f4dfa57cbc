/** Injects the `PaymentProvider`. */
export const PAYMENT_PROVIDER = Symbol('waybill:payment-provider');

/** Injects the `ProviderWebhooks`. */
export const PROVIDER_WEBHOOKS = Symbol('waybill:provider-webhooks');
