import { describe, expect, it } from '@jest/globals';
import {
  CaptureRefused,
  PaymentCaptured,
  RefundPayment,
  RefundRefused,
  RestoreStock,
  ShipmentNotStopped,
  StockCommitted,
  StockRestored,
  StopShipment,
} from '@waybill/contracts';
import { sagaSpec } from '@waybill/saga/testing';
import { replyTo, sagaData } from '../testing/order.fixtures.ts';
import { cancelOrderSaga } from './cancel-order.saga.ts';
import { placeOrderSaga } from './place-order.saga.ts';

const { orderId, lines, total, customerId } = sagaData;
const reply = (contract: Parameters<typeof replyTo>[1]) => replyTo(orderId, contract, total);
const cancel = sagaSpec(cancelOrderSaga, { orderId, lines, total }, reply);
const place = sagaSpec(placeOrderSaga, sagaData, reply);
const why = { cancel: 'too slow' };

const stop = StopShipment({ orderId });
const refund = RefundPayment({ orderId, refundId: orderId, amount: total });
const restore = RestoreStock({ orderId, lines });

describe('cancel-order', () => {
  it('stops the parcel, then gives the money and the stock back', () => {
    cancel.when().thenSends(stop);
    cancel.at('refund-payment').when().thenSends(refund);
    cancel.at('restore-stock').when().thenSends(restore);
    const done = cancel.at('restore-stock').when(StockRestored({ orderId })).thenNothing();
    done.thenCompletes();
    expect(done.decision.did.map(({ what, step }) => `${what} ${step}`)).toContain(
      'did confirm-cancel',
    );
  });

  it('names the customer whose store credit has paid a part', () => {
    const paid = { orderId, lines, total, customerId };
    const ofCredit = sagaSpec(cancelOrderSaga, paid, reply);
    const refundCredit = RefundPayment({ orderId, refundId: orderId, amount: total, customerId });
    ofCredit.at('refund-payment').when().thenSends(refundCredit);
    const placed = sagaSpec(placeOrderSaga, { ...sagaData, credit: total }, reply);
    const { next } = placed.at('commit-stock').given(reply(StockCommitted)).when(why).decision;
    expect(next?.state.data).toEqual(paid);
  });

  it('gives nothing back when the carrier has the parcel already', () => {
    cancel.when(ShipmentNotStopped({ orderId })).thenNothing().thenAborts('shipped');
  });

  it.each(['stop-shipment', 'refund-payment', 'restore-stock'])(
    'asks again when %s is not answered, and shows that it is stuck',
    (step) => {
      const again = cancel.at(step).given({ confirmed: step }).when({ timedOut: step });
      again.thenIsStuck().thenWaitsAt(step);
      expect(again.decision.send).toHaveLength(1);
    },
  );

  it('shows an operator that a refund is refused', () => {
    const refused = RefundRefused({ orderId, refundId: orderId, detail: 'no balance' });
    cancel.at('refund-payment').when(refused).thenNothing().thenIsStuck();
  });

  it('cannot be given up by an operator, nor cancelled itself', () => {
    cancel.when({ compensate: 'timed_out' }).thenRefuses('past_point_of_no_return');
    cancel.when(why).thenNothing().thenWaitsAt('stop-shipment');
  });
});

describe('a cancel of an order that is being placed', () => {
  it.each(['reserve-stock', 'authorize-payment', 'book-shipment'])('aborts it at %s', (step) => {
    const { state } = place.at(step).when(why).decision;
    expect(state).toMatchObject({ status: 'compensating', step, reason: 'cancelled' });
  });

  it('is remembered from the capture on, and begins when the order is placed', () => {
    place.at('capture-payment').when(why).thenNothing().thenWaitsAt('capture-payment');
    const captured = place.at('capture-payment').given(why).when(reply(PaymentCaptured));
    expect(captured.decision.next).toBeUndefined();
    const { next } = place.at('commit-stock').given(why).when(reply(StockCommitted)).decision;
    expect(next?.state).toMatchObject({ saga: 'cancel-order', status: 'running', key: orderId });
    expect(next?.send).toEqual([stop]);
  });

  it('comes to nothing when the capture is refused', () => {
    const refused = place.at('capture-payment').given(why).when(reply(CaptureRefused));
    expect(refused.decision.state).toMatchObject({ status: 'compensating' });
    expect(refused.decision.state.reason).toBe('payment_declined');
  });

  it('begins at once when the order is placed already, and once', () => {
    const placed = place.at('commit-stock').given(reply(StockCommitted));
    const { next, outcome } = placed.when(why).decision;
    expect(next?.send).toEqual([stop]);
    expect(outcome).toBeUndefined();
    expect(placed.given(why).when(why).decision.next).toBeUndefined();
  });
});
