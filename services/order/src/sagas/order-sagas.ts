import { cancelOrderSaga } from './cancel-order.saga.ts';
import { placeOrderSaga } from './place-order.saga.ts';

/** The sagas of an order, in the order in which they may follow one another: one of them runs at a time. */
export const orderSagas = [placeOrderSaga, cancelOrderSaga] as const;
