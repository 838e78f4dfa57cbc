import { describe, expect, it } from '@jest/globals';
import {
  PaymentRefunded,
  RefundPayment,
  RefundRefused,
  RestockReturn,
  ReturnRestocked,
} from '@waybill/contracts';
import { sagaSpec } from '@waybill/saga/testing';
import { replyTo, sagaData } from '../testing/order.fixtures.ts';
import { returnOrderSaga } from './return-order.saga.ts';

const { orderId, lines, total: amount } = sagaData;
const returnId = '019a9c40-0000-7000-8000-0000000000bb';
const restocked = ReturnRestocked({ orderId, returnId });
const refunded = PaymentRefunded({ orderId, paymentId: orderId, refundId: returnId, amount });
const refund = RefundPayment({ orderId, refundId: returnId, amount });
const back = sagaSpec(returnOrderSaga, { orderId, returnId, lines, amount }, (contract) =>
  replyTo(orderId, contract, amount),
);

describe('return-order', () => {
  it('puts the goods on sale, then refunds them', () => {
    back.when().thenSends(RestockReturn({ orderId, returnId, lines }));
    back.when(restocked).thenSends(refund);
    const done = back.given(restocked).when(refunded).thenNothing();
    done.thenCompletes();
    expect(done.decision.did.map(({ what, step }) => `${what} ${step}`)).toContain(
      'did complete-return',
    );
  });

  it('takes no reply about another return of the order for one about this', () => {
    back.when(ReturnRestocked({ orderId, returnId: orderId })).thenNothing();
    const other = PaymentRefunded({ ...refunded.data, refundId: orderId });
    back.given(restocked).when(other).thenNothing().thenWaitsAt('refund-payment');
  });

  it('shows a refused refund to operators, and asks again when they wish', () => {
    const refused = RefundRefused({ orderId, refundId: returnId, detail: 'no balance' });
    back.given(restocked).when(refused).thenNothing().thenIsStuck();
    back.given(restocked, refused).when({ retry: true }).thenSends(refund);
    back.given(restocked, refused).when(refunded).thenCompletes();
  });

  it.each([
    ['restock-return', []],
    ['refund-payment', [restocked]],
  ])('asks again when %s is not answered', (step, given) => {
    const again = back.given(...given, { confirmed: step }).when({ timedOut: step });
    again.thenIsStuck().thenWaitsAt(step);
    expect(again.decision.send).toHaveLength(1);
  });

  it('cannot be given up, nor cancelled', () => {
    back.when({ compensate: 'timed_out' }).thenRefuses('past_point_of_no_return');
    back.when({ cancel: 'too slow' }).thenNothing().thenWaitsAt('restock-return');
  });
});
