import { sagaRegistry } from '@waybill/saga';
import { placeOrderSaga } from './place-order.saga.ts';

/** All definitions that rows may name. */
export const registry = sagaRegistry([placeOrderSaga]);
