/** Injects the `PaymentProvider`. */
export const PAYMENT_PROVIDER = Symbol('waybill:payment-provider');
