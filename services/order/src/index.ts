export { transitions } from './domain/order.ts';
export { OrderModule } from './order.module.ts';
export { cancelOrderSaga } from './sagas/cancel-order.saga.ts';
export { placeOrderSaga } from './sagas/place-order.saga.ts';
export { returnOrderSaga } from './sagas/return-order.saga.ts';
export { orderInvariants } from './storage/order.invariants.ts';
export { orderStorage } from './storage/order.storage.ts';
