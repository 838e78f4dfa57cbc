export { type Carrier, Carriers } from './clients/carrier.ts';
export { type CarrierFunctions, FunctionCarrier } from './clients/function-carrier.ts';
export { RatesRpc } from './grpc/rates.rpc.ts';
export { ShippingModule } from './shipping.module.ts';
export { type LedgerBooking, shippingInvariants } from './storage/shipping.invariants.ts';
export { shippingStorage } from './storage/shipping.storage.ts';
