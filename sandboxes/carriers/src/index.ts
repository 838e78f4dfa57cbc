export type { WebhookTarget } from '@waybill/webhooks';
export { type Booking, type BookingStatus, isLive, type Move, moves } from './booking.ts';
export { carriersConfig, carriersSettings } from './carriers.config.ts';
export type { Faults } from './faults.ts';
export { type Answer, type InProcessCarrier, inProcessCarriers } from './in-process.ts';
export type { SandboxOptions } from './sandbox.ts';
export { type Carriers, type CarriersOptions, startCarriers } from './start.ts';
export type { SupplyOrder } from './supplier.ts';
