import { describe, expect, it } from '@jest/globals';
import {
  AuthorizePayment,
  BookShipment,
  CancelShipment,
  CapturePayment,
  CommitStock,
  type Contract,
  CreditReserved,
  type Message,
  ReleaseCredit,
  ReleaseStock,
  ReserveCredit,
  ReserveStock,
  ShipmentBooked,
  StockReserved,
  VoidPayment,
} from '@waybill/contracts';
import { sagaSpec } from '@waybill/saga/testing';
import { repliesTo, repliesToTwo, replyTo, sagaData } from '../testing/order.fixtures.ts';
import { placeOrderSaga } from './place-order.saga.ts';

const { orderId, lines, total, customerId, address } = sagaData;
const place = sagaSpec(placeOrderSaga, sagaData, (contract) => replyTo(orderId, contract, total));
const reply = repliesTo(orderId, total);
const ofTwo = repliesToTwo(orderId);

const reserve = ReserveStock({ orderId, lines });
const release = ReleaseStock({ orderId, lines });
const authorize = AuthorizePayment({ orderId, amount: total, method: 'card', token: 'tok_visa' });
const voidPayment = VoidPayment({ orderId });
const booking = {
  ...{ orderId, customerId, address, country: 'DE' },
  ...{ method: 'standard' as const, weightGrams: 1_300 },
};
const book = BookShipment(booking);
const cancelShipment = CancelShipment({ orderId });
const capture = CapturePayment({ orderId, amount: total });
const commit = CommitStock({ orderId, lines });

const overdue = (step: string) => [{ confirmed: step }, { timedOut: step }] as const;

describe('place-order', () => {
  it('reserves, authorizes, books, captures, confirms and commits, in this order', () => {
    place.at('reserve-stock').when().thenSends(reserve);
    place.at('authorize-payment').when().thenSends(authorize);
    place.at('book-shipment').when().thenSends(book);
    place.at('capture-payment').when().thenSends(capture);
    const after = place.at('capture-payment').when(reply.captured).thenSends(commit);
    expect(after.decision.did.map(({ what, step }) => `${what} ${step}`)).toContain(
      'did confirm-order',
    );
    place.at('commit-stock').when(reply.committed).thenNothing().thenCompletes();
  });
});

describe('an order whose stock lies in two warehouses', () => {
  const replies: Record<string, Message> = {
    [StockReserved.type]: ofTwo.reserved,
    [ShipmentBooked.type]: ofTwo.booked,
  };
  const placeOfTwo = sagaSpec(
    placeOrderSaga,
    sagaData,
    (contract) => replies[contract.type] ?? replyTo(orderId, contract, total),
  );
  const parcels = [
    { warehouse: 'MAIN', weightGrams: 1_300 },
    { warehouse: 'NORTH', weightGrams: 1_300 },
  ];
  const cancelBoth = CancelShipment({ orderId, parcels: 2 });

  it('has a parcel from each, and all are undone together', () => {
    placeOfTwo
      .at('book-shipment')
      .when()
      .thenSends(BookShipment({ ...booking, parcels }));
    placeOfTwo.at('capture-payment').when(reply.captureRefused).thenSends(cancelBoth);
  });

  it('records every booking', () => {
    const { record } = placeOrderSaga.steps.find(({ name }) => name === 'book-shipment') ?? {};
    const events = record?.(ofTwo.booked.data, {}) ?? [];
    expect(events.map(({ type, data }) => [type, (data as { carrier: string }).carrier])).toEqual([
      ['shipment-booked', 'swift'],
      ['shipment-booked', 'heron'],
    ]);
  });
});

describe('a participant that says no', () => {
  it('undoes nothing when the stock is short', () => {
    place.when(reply.outOfStock).thenNothing().thenAborts('out_of_stock');
  });

  it('releases the stock when the payment is declined', () => {
    place.at('authorize-payment').when(reply.declined).thenSends(release);
    place
      .at('authorize-payment')
      .given(reply.declined)
      .when(reply.released)
      .thenAborts('payment_declined');
    place
      .at('authorize-payment')
      .given(reply.unavailable)
      .when(reply.released)
      .thenAborts('payment_unavailable');
  });

  it('voids the payment and then releases the stock when no carrier comes', () => {
    place.at('book-shipment').when(reply.noCarrier).thenSends(voidPayment);
    place.at('book-shipment').given(reply.noCarrier).when(reply.voided).thenSends(release);
    place
      .at('book-shipment')
      .given(reply.noCarrier, reply.voided)
      .when(reply.released)
      .thenAborts('shipping_unavailable');
  });

  it('says so when no carrier takes such a parcel: asking again never helps', () => {
    place
      .at('book-shipment')
      .given(reply.noCarrierEver, reply.voided)
      .when(reply.released)
      .thenAborts('shipping_declined');
  });

  it('cancels the shipment, voids and releases when the capture is refused', () => {
    place.at('capture-payment').when(reply.captureRefused).thenSends(cancelShipment);
    place
      .at('capture-payment')
      .given(reply.captureRefused)
      .when(reply.shipmentCancelled)
      .thenSends(voidPayment);
    place
      .at('capture-payment')
      .given(reply.captureRefused, reply.shipmentCancelled)
      .when(reply.voided)
      .thenSends(release);
    place
      .at('capture-payment')
      .given(reply.captureRefused, reply.shipmentCancelled, reply.voided)
      .when(reply.released)
      .thenAborts('payment_declined');
  });
});

describe('a payment that the customer must confirm', () => {
  const waiting = place.at('authorize-payment').given({ confirmed: 'authorize-payment' });

  it('is waited for until payment ends it, and 15 minutes more', () => {
    const { state } = waiting.when(reply.actionRequired).thenNothing().decision;
    expect(state).toMatchObject({ step: 'authorize-payment', dueAt: '2026-01-01T12:45:00.000Z' });
  });

  it('goes on when the customer approves, and is undone when the customer declines or cancels', () => {
    const asked = waiting.given(reply.actionRequired);
    asked.when(reply.authorized).thenSends(book);
    asked.when(reply.declined).thenSends(release);
    asked.when({ cancel: 'too slow' }).thenSends(voidPayment);
    asked.given(reply.authorized).when(reply.actionRequired).thenNothing();
  });
});

describe('an order that store credit pays', () => {
  const part = { amount: 20_000, currency: 'EUR' };
  const rest = { ...total, amount: total.amount - part.amount };
  const replies = (contract: Contract) =>
    replyTo(orderId, contract, contract.type === CreditReserved.type ? part : total);
  const { paymentToken: _, ...withoutCard } = sagaData;
  const whole = sagaSpec(placeOrderSaga, { ...withoutCard, credit: total }, replies);
  const both = sagaSpec(placeOrderSaga, { ...sagaData, credit: part }, replies);
  const releaseCredit = ReleaseCredit({ orderId, customerId });

  it('reserves the credit, then the rest on the card, and takes both together', () => {
    const reserveCredit = ReserveCredit({ orderId, customerId, amount: part });
    both.at('reserve-credit').when().thenSends(reserveCredit);
    both
      .at('authorize-payment')
      .when()
      .thenSends(AuthorizePayment({ orderId, amount: rest, method: 'card', token: 'tok_visa' }));
    const credit = { customerId, amount: part };
    both
      .at('capture-payment')
      .when()
      .thenSends(CapturePayment({ orderId, amount: total, credit }));
  });

  it('needs no card when the credit pays everything', () => {
    whole.at('book-shipment').when().thenSends(book);
    // No payment is voided, because none was authorized.
    whole.at('book-shipment').when(reply.noCarrier).thenSends(releaseCredit);
  });

  it('releases the stock when there is too little credit', () => {
    both.at('reserve-credit').when(reply.creditDeclined).thenSends(release);
    both
      .at('reserve-credit')
      .given(reply.creditDeclined)
      .when(reply.released)
      .thenAborts('payment_declined');
  });

  it('releases the credit when the card is declined, and after the card is voided', () => {
    both.at('authorize-payment').when(reply.declined).thenSends(releaseCredit);
    const refused = both.at('capture-payment').given(reply.captureRefused, reply.shipmentCancelled);
    refused.when().thenSends(voidPayment);
    refused.when(reply.voided).thenSends(releaseCredit);
    refused.given(reply.voided).when(reply.creditReleased).thenSends(release);
  });

  it('releases the credit while the customer must confirm the card and cancels', () => {
    const asked = both.at('authorize-payment').given(reply.actionRequired);
    asked.when({ cancel: 'too slow' }).thenSends(voidPayment);
    asked.given({ cancel: 'too slow' }).when(reply.voided).thenSends(releaseCredit);
  });

  it('that began before store credit goes on without it', () => {
    const [first] = placeOrderSaga.earlier;
    if (!first) throw new Error('version 1 is gone');
    expect(first.steps.map(({ name }) => name)).not.toContain('reserve-credit');
    sagaSpec(first, sagaData).when(reply.reserved).thenSends(authorize);
  });
});

describe('a participant that does not answer', () => {
  it('undoes the overdue step too, because it may have happened', () => {
    place
      .given({ confirmed: 'reserve-stock' })
      .when({ timedOut: 'reserve-stock' })
      .thenSends(release);
    place
      .at('authorize-payment')
      .given({ confirmed: 'authorize-payment' })
      .when({ timedOut: 'authorize-payment' })
      .thenSends(voidPayment);
    place
      .at('book-shipment')
      .given({ confirmed: 'book-shipment' })
      .when({ timedOut: 'book-shipment' })
      .thenSends(cancelShipment);
    place
      .at('book-shipment')
      .given(...overdue('book-shipment'), reply.shipmentCancelled, reply.voided)
      .when(reply.released)
      .thenAborts('timed_out');
  });

  it('never undoes a capture that may have happened: it asks again, and shows that it is stuck', () => {
    place
      .at('capture-payment')
      .given({ confirmed: 'capture-payment' })
      .when({ timedOut: 'capture-payment' })
      .thenSends(capture)
      .thenIsStuck();
  });

  it('goes on to commit stock until it is committed', () => {
    place
      .at('commit-stock')
      .given({ confirmed: 'commit-stock' })
      .when({ timedOut: 'commit-stock' })
      .thenSends(commit);
    place
      .at('commit-stock')
      .given(...overdue('commit-stock'))
      .when(reply.committed)
      .thenCompletes();
  });

  it('repeats an undo that is not answered', () => {
    place
      .at('authorize-payment')
      .given(reply.declined, { confirmed: 'reserve-stock' })
      .when({ timedOut: 'reserve-stock' })
      .thenSends(release);
  });

  it('rejects nothing while the broker has not confirmed the command', () => {
    place.when({ unconfirmed: 'reserve-stock' }).thenNothing().thenWaitsAt('reserve-stock');
  });
});

describe('an operator', () => {
  it('may give an order up before its capture was sent, and not after', () => {
    place.at('book-shipment').when({ compensate: 'timed_out' }).thenSends(cancelShipment);
    place
      .at('capture-payment')
      .when({ compensate: 'timed_out' })
      .thenRefuses('past_point_of_no_return');
  });
});
