import { type AnySaga, sagaId, sagas } from '@waybill/saga';
import { cancelOrderSaga } from './cancel-order.saga.ts';
import { placeOrderSaga } from './place-order.saga.ts';
import { returnOrderSaga } from './return-order.saga.ts';

/** The sagas of an order, in the order in which they may follow one another: one of them runs at a time. */
export const orderSagas: readonly AnySaga[] = [placeOrderSaga, cancelOrderSaga, returnOrderSaga];

/** The row of the saga that places an order, which takes requests to cancel it. */
export const sagaOf = (orderId: string) => sagas.at(sagaId(placeOrderSaga, orderId));

/** The rows of all sagas of an order. */
export const sagasOf = (orderId: string) =>
  orderSagas.map((saga) => sagas.at(sagaId(saga, orderId)));
