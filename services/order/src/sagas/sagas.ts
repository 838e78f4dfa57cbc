import { placeOrderSaga } from './place-order.saga.ts';

/** All definitions that rows may name: an old version stays here while rows name it. */
export const orderSagas = [placeOrderSaga];
