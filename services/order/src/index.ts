export { transitions } from './domain/order.ts';
export { orderService } from './order.service.ts';
export { placeOrderSaga } from './sagas/place-order.saga.ts';
export { orderInvariants } from './storage/order.invariants.ts';
