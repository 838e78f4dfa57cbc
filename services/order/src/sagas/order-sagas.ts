import { sagaId, sagas } from '@waybill/saga';
import { cancelOrderSaga } from './cancel-order.saga.ts';
import { placeOrderSaga } from './place-order.saga.ts';

/** The sagas of an order, in the order in which they may follow one another: one of them runs at a time. */
export const orderSagas = [placeOrderSaga, cancelOrderSaga] as const;

/** The row of the saga that places an order, which takes requests to cancel it. */
export const sagaOf = (orderId: string) => sagas.at(sagaId(placeOrderSaga, orderId));
