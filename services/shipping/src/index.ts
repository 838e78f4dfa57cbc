export type { Carrier } from './clients/carrier.ts';
export { type CarrierFunctions, FunctionCarrier } from './clients/function-carrier.ts';
export { defineShippingService, shippingService } from './shipping.service.ts';
export { type LedgerBooking, shippingInvariants } from './storage/shipping.invariants.ts';
