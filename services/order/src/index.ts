export { orderService } from './order.service.ts';
export { orderInvariants } from './storage/order.invariants.ts';
