import { describe, expect, it } from '@jest/globals';
import { derivedId, type Message } from '@waybill/contracts';
import { giveUpQuoting, requestShipment, takeBookAnswer, takeWithdrawal } from './book-shipment.ts';
import { cancelShipment, giveUpWithdrawal, settleCancel, stopShipment } from './cancel-shipment.ts';
import { StaleCall } from './carrier-answer.ts';
import { fateOf, movesOf, takeFact } from './carrier-facts.ts';
import {
  keyOf,
  type Moment,
  type Move,
  type Outcome,
  operationIdOf,
  parcelOf,
  type Shipment,
  type ShipmentRequest,
} from './shipment.ts';

const orderId = '0195a000-0000-7000-8000-000000000001';
const at = (ms: number): Moment => ({
  now: new Date(Date.UTC(2026, 2, 1) + ms),
  id: (name) => derivedId(orderId, name),
});
const { now } = at(0);
const request: ShipmentRequest = {
  orderId,
  customerId: 'ada',
  address: { name: 'Ada', line1: '1 Main St', city: 'Berlin', postalCode: '10115', country: 'DE' },
  country: 'DE',
  method: 'standard',
  weightGrams: 1_200,
};
const booking = { trackingNumber: 'HP1', cost: { amount: 490, currency: 'EUR' } };
const booked = { outcome: 'booked', ...booking } as const;
const unknown = { outcome: 'unknown', detail: 'timed out' } as const;
const refused = { outcome: 'refused', detail: 'too heavy' } as const;
const cancelled = { outcome: 'cancelled' } as const;
const tooLate = { outcome: 'too_late', booking } as const;

const after = (outcome: Outcome): Shipment => {
  if (!outcome.shipment) throw new Error('nothing changed');
  return outcome.shipment;
};
const sent = ({ send }: Outcome) => send.map((message: Message) => message.contract.type);
const dataOf = (outcome: Outcome) => outcome.send[0]?.data;

const quoted = after(requestShipment(undefined, request, ['heron', 'oxcart'], at(0)));
const withdrawing = after(takeBookAnswer(quoted, 'heron', unknown, now));
const withdrawal = { carrier: 'heron', because: 'timed out' };
const atHeron = after(takeBookAnswer(quoted, 'heron', booked, now));
const givenUp = () => after(giveUpWithdrawal(withdrawing, withdrawal, now));
const fact = (status: Move) => ({
  carrier: 'heron',
  trackingNumber: 'HP1',
  status,
  at: '2026-03-02T08:00:00.000Z',
});

describe('a shipment that is asked for', () => {
  it('chooses the cheapest carrier before anything is booked', () => {
    const outcome = requestShipment(undefined, request, ['heron', 'oxcart'], at(0));
    expect(after(outcome)).toMatchObject({
      status: 'quoted',
      carrier: 'heron',
      candidates: ['oxcart'],
      customerId: 'ada',
    });
    expect(dataOf(outcome)).toEqual({ orderId, carrier: 'heron' });
  });

  it('is refused when no carrier takes it', () => {
    const outcome = requestShipment(undefined, request, [], at(0));
    expect(after(outcome).status).toBe('rejected');
    expect(dataOf(outcome)).toMatchObject({
      reason: 'shipping_unavailable',
      final: true,
      detail: 'no carrier takes 1200 g to DE by standard',
    });
  });

  it('is refused when no carrier answers in time', () => {
    expect(dataOf(giveUpQuoting(undefined, request, at(5_000)))).toEqual({
      orderId,
      reason: 'shipping_unavailable',
      detail: 'no carrier answered in time',
    });
  });

  it('keeps which carriers were tried, and why none of them came', () => {
    const first = after(takeWithdrawal(withdrawing, withdrawal, cancelled, now));
    const refusal = after(takeBookAnswer(first, 'oxcart', refused, now));
    const because = { carrier: 'oxcart', because: 'too heavy' };
    const last = after(takeWithdrawal(refusal, because, cancelled, now));
    expect(last).toMatchObject({
      status: 'rejected',
      refusal: 'too heavy',
      refusalReason: 'shipping_unavailable',
      tried: [withdrawal, because].map((each) => ({ ...each, facts: [] })),
    });
  });

  it('says which carrier comes, and under which number', () => {
    const outcome = takeBookAnswer(quoted, 'heron', booked, now);
    expect(sent(outcome)).toEqual(['shipping.shipment-booked']);
    expect(dataOf(outcome)).toEqual({
      orderId,
      shipmentId: quoted.id,
      carrier: 'heron',
      ...booking,
    });
  });

  it.each([unknown, refused])('withdraws a booking with the outcome $outcome', (answer) => {
    const outcome = takeBookAnswer(quoted, 'heron', answer, now);
    expect(after(outcome)).toMatchObject({ status: 'withdrawing', carrier: 'heron' });
    expect(sent(outcome)).toEqual(['shipping.withdraw-booking']);
    expect(dataOf(outcome)).toEqual({ orderId, carrier: 'heron', because: answer.detail });
  });

  it('takes no text of a carrier that messages cannot hold', () => {
    const strange = { ...refused, detail: `no\u0000${'x'.repeat(297)}😀` };
    expect(dataOf(takeBookAnswer(quoted, 'heron', strange, now))).toMatchObject({
      because: `no${'x'.repeat(297)}\ufffd`,
    });
  });

  it('goes to the next carrier once the withdrawal is certain', () => {
    const outcome = takeWithdrawal(withdrawing, withdrawal, cancelled, now);
    expect(after(outcome)).toMatchObject({ status: 'quoted', carrier: 'oxcart', candidates: [] });
    expect(dataOf(outcome)).toEqual({ orderId, carrier: 'oxcart' });
  });

  it('is rejected when the last carrier is left', () => {
    const last = { ...withdrawing, candidates: [] };
    const outcome = takeWithdrawal(last, withdrawal, cancelled, now);
    expect(after(outcome)).toMatchObject({ status: 'rejected', carrier: null });
    expect(dataOf(outcome)).toMatchObject({ reason: 'shipping_unavailable', detail: 'timed out' });
  });

  it('tries no further carrier after five seconds', () => {
    const outcome = takeWithdrawal(withdrawing, withdrawal, cancelled, at(5_001).now);
    expect(after(outcome).status).toBe('rejected');
  });

  it('is booked after all when the carrier has picked up what should be withdrawn', () => {
    const early = after(takeFact(withdrawing, fact('picked_up'), now));
    const outcome = takeWithdrawal(early, withdrawal, tooLate, now);
    expect(after(outcome)).toMatchObject({ status: 'picked_up', trackingNumber: 'HP1' });
    expect(sent(outcome)).toEqual(['shipping.shipment-booked', 'shipping.shipment-moved']);
  });

  it('is rejected while the cancellation goes on when the carrier stays silent', () => {
    const outcome = giveUpWithdrawal(withdrawing, withdrawal, now);
    expect(after(outcome).status).toBe('cancel_pending');
    expect(sent(outcome)).toEqual(['shipping.shipment-rejected', 'shipping.settle-cancel']);
    const settled = settleCancel(after(outcome), 'heron', cancelled, now);
    expect(after(settled).status).toBe('rejected');
    expect(settled.send).toEqual([]);
  });

  it('asks again when the answer belongs to an older state', () => {
    expect(() => takeBookAnswer(quoted, 'heron', undefined, now)).toThrow(StaleCall);
    expect(() => cancelShipment(atHeron, orderId, undefined, at(0))).toThrow(StaleCall);
  });

  it('ignores answers of a carrier that it has left', () => {
    const left = after(takeWithdrawal(withdrawing, withdrawal, cancelled, now));
    expect(takeBookAnswer(left, 'heron', booked, now)).toEqual({ send: [] });
    expect(takeWithdrawal(left, withdrawal, cancelled, now)).toEqual({ send: [] });
  });
});

describe('a shipment that is asked for again', () => {
  const again = (found: Shipment) => requestShipment(found, request, undefined, at(9));
  const afterUndo = after(cancelShipment(undefined, orderId, undefined, at(0)));
  const afterCancel = after(cancelShipment(atHeron, orderId, cancelled, at(0)));
  const rejected = after(requestShipment(undefined, request, [], at(0)));

  it.each([
    ['while it is being booked, is answered by that booking', quoted, []],
    ['while one carrier is being left, is answered by the next', withdrawing, []],
  ])('%s', (_, found, expected) => {
    expect(sent(again(found))).toEqual(expected);
  });

  it('gets the same answer without effect', () => {
    expect(again(atHeron)).toEqual({
      send: takeBookAnswer(quoted, 'heron', booked, now).send,
    });
    expect(again(rejected)).toEqual({ send: requestShipment(undefined, request, [], at(0)).send });
  });

  it('after it was undone is refused, whether or not it had been booked', () => {
    for (const found of [afterUndo, afterCancel]) {
      expect(again(found)).toMatchObject({ send: [{ data: { reason: 'undone' } }] });
      expect(again(found).shipment).toBeUndefined();
    }
  });
});

describe('a shipment that is undone', () => {
  it('before it was asked for is remembered', () => {
    const outcome = cancelShipment(undefined, orderId, undefined, at(0));
    expect(after(outcome).status).toBe('undone');
    expect(dataOf(outcome)).toEqual({ orderId, state: 'never_booked' });
  });

  it.each([quoted, withdrawing, atHeron])(
    'in state $status is cancelled at its carrier',
    (found) => {
      const outcome = cancelShipment(found, orderId, cancelled, at(0));
      expect(after(outcome).status).toBe('cancelled');
      expect(dataOf(outcome)).toEqual({ orderId, state: 'cancelled' });
      expect(dataOf(cancelShipment(after(outcome), orderId, undefined, at(0)))).toEqual({
        orderId,
        state: 'cancelled',
      });
    },
  );

  it('is answered at once when the carrier is silent, and finished later', () => {
    const outcome = cancelShipment(atHeron, orderId, { outcome: 'unknown' }, at(0));
    expect(sent(outcome)).toEqual(['shipping.shipment-cancelled', 'shipping.settle-cancel']);
    expect(dataOf(outcome)).toEqual({ orderId, state: 'cancel_pending' });
    const again = cancelShipment(after(outcome), orderId, { outcome: 'unknown' }, at(0));
    expect(sent(again)).toEqual(['shipping.shipment-cancelled']);
    expect(after(settleCancel(after(outcome), 'heron', cancelled, now)).status).toBe('cancelled');
  });

  it('too late keeps its booking and says so', () => {
    const outcome = cancelShipment(atHeron, orderId, tooLate, at(0));
    expect(after(outcome).status).toBe('booked');
    expect(dataOf(outcome)).toEqual({ orderId, state: 'too_late' });
    const moving = after(takeFact(atHeron, fact('picked_up'), now));
    expect(cancelShipment(moving, orderId, undefined, at(0))).toMatchObject({
      send: [{ data: { state: 'too_late' } }],
    });
  });
});

describe('a shipment that is stopped', () => {
  const stop = (found: Shipment | undefined, answer?: typeof cancelled | typeof tooLate) =>
    stopShipment(found, orderId, answer, at(0));
  const moving = after(takeFact(atHeron, fact('picked_up'), now));

  it('is cancelled at its carrier, and says so however often it is asked', () => {
    const outcome = stop(atHeron, cancelled);
    expect(after(outcome).status).toBe('cancelled');
    for (const each of [outcome, stop(after(outcome)), stop(undefined)]) {
      expect(sent(each)).toEqual(['shipping.shipment-stopped']);
    }
    expect(sent(requestShipment(after(stop(undefined)), request, [], at(0)))).toEqual([
      'shipping.shipment-rejected',
    ]);
  });

  it('goes on when its carrier has it, whether or not that was reported yet', () => {
    const outcome = stop(atHeron, tooLate);
    expect(after(outcome).status).toBe('booked');
    for (const each of [outcome, stop(moving)]) {
      expect(sent(each)).toEqual(['shipping.shipment-not-stopped']);
    }
  });

  it('is not answered before its carrier has answered', () => {
    expect(() => stop(atHeron)).toThrow(StaleCall);
  });

  it('settles a cancellation that was promised before', () => {
    const pending = after(cancelShipment(atHeron, orderId, { outcome: 'unknown' }, at(0)));
    const stopped = after(stop(pending, cancelled));
    expect(stopped.status).toBe('cancelled');
    expect(settleCancel(stopped, 'heron', undefined, now)).toEqual({ send: [] });
  });
});

describe('facts of a carrier', () => {
  it('move the shipment on, each with its event', () => {
    const outcome = takeFact(atHeron, fact('picked_up'), now);
    expect(outcome).toMatchObject({ fate: 'applied', shipment: { status: 'picked_up' } });
    expect(dataOf(outcome)).toEqual({
      orderId,
      shipmentId: quoted.id,
      status: 'picked_up',
      at: '2026-03-02T08:00:00.000Z',
    });
  });

  it.each([
    ['picked_up', 'in_transit', 'delivered'],
    ['picked_up', 'delivered', 'in_transit'],
    ['in_transit', 'picked_up', 'delivered'],
    ['in_transit', 'delivered', 'picked_up'],
    ['delivered', 'picked_up', 'in_transit'],
    ['delivered', 'in_transit', 'picked_up'],
  ] as const)('in the order %s, %s, %s are told in their true order', (...order) => {
    let found = atHeron;
    const told: unknown[] = [];
    for (const status of order) {
      const outcome = takeFact(found, fact(status), now);
      told.push(...outcome.send.map(({ data }) => (data as { status: string }).status));
      found = after(outcome);
    }
    expect(told).toEqual(['picked_up', 'in_transit', 'delivered']);
    expect(found.status).toBe('delivered');
  });

  it('that come before the booking wait for it', () => {
    const early = takeFact(quoted, fact('picked_up'), now);
    expect(early).toMatchObject({ fate: 'held', send: [] });
    const outcome = takeBookAnswer(after(early), 'heron', booked, now);
    expect(sent(outcome)).toEqual(['shipping.shipment-booked', 'shipping.shipment-moved']);
    expect(after(outcome).status).toBe('picked_up');
  });

  it('that come twice change nothing', () => {
    const once = after(takeFact(atHeron, fact('picked_up'), now));
    expect(takeFact(once, fact('picked_up'), now)).toEqual({ fate: 'known', send: [] });
  });

  it.each([
    ['undeliverable', 'delivered'],
    ['delivered', 'undeliverable'],
  ] as const)('that tell another end (%s after %s) contradict it, and are kept', (late, end) => {
    let found = atHeron;
    for (const status of ['picked_up', 'in_transit', end] as const) {
      found = after(takeFact(found, fact(status), now));
    }
    const outcome = takeFact(found, fact(late), now);
    expect(outcome).toMatchObject({ fate: 'contradicts', send: [], shipment: { status: end } });
    expect(after(outcome).facts.map((each) => fateOf(after(outcome), each))).toEqual([
      'applied',
      'applied',
      'applied',
      'contradicts',
    ]);
    expect(takeFact(after(outcome), fact(late), now)).toEqual({ fate: 'known', send: [] });
  });

  it('that tell of a return apply after the delivery, whenever they come', () => {
    const order = ['returned', 'picked_up', 'in_transit', 'delivered'] as const;
    const told = order.map((status) => fact(status));
    let found = atHeron;
    for (const each of told) found = after(takeFact(found, each, now));
    expect(found.status).toBe('returned');
    expect(told.map((each) => fateOf(found, each))).toEqual(order.map(() => 'applied'));
    expect(movesOf(found).map(({ data }) => (data as { status: string }).status)).toEqual([
      'picked_up',
      'in_transit',
      'delivered',
      'returned',
    ]);
  });

  it('of which two ends came early: the first told is applied, the other contradicts it', () => {
    let found = atHeron;
    for (const status of ['undeliverable', 'delivered', 'in_transit', 'picked_up'] as const) {
      found = after(takeFact(found, fact(status), now));
    }
    expect(found.status).toBe('undeliverable');
    expect(found.facts.map((each) => [each.status, fateOf(found, each)])).toEqual([
      ['undeliverable', 'applied'],
      ['delivered', 'contradicts'],
      ['in_transit', 'applied'],
      ['picked_up', 'applied'],
    ]);
  });

  it.each([
    ['cancelled', () => after(cancelShipment(atHeron, orderId, cancelled, at(0)))],
    ['rejected', () => after(settleCancel(givenUp(), 'heron', cancelled, now))],
  ])('of a shipment that is %s contradict it, and are kept', (status, make) => {
    const outcome = takeFact(make(), fact('picked_up'), now);
    expect(outcome).toMatchObject({ fate: 'contradicts', send: [], shipment: { status } });
    expect(after(outcome).facts).toHaveLength(1);
  });

  it('of a cancellation that is not done wait for it', () => {
    expect(takeFact(givenUp(), fact('picked_up'), now).fate).toBe('held');
  });

  it('of a carrier that was left are kept as its own, before and after, and never move the next parcel', () => {
    const early = after(takeFact(withdrawing, fact('picked_up'), now));
    const next = after(takeWithdrawal(early, withdrawal, cancelled, now));
    const late = takeFact(next, fact('in_transit'), now);
    expect(late.fate).toBe('contradicts');
    expect(takeFact(after(late), fact('picked_up'), now).fate).toBe('known');
    const atOxcart = takeBookAnswer(
      after(late),
      'oxcart',
      { ...booked, trackingNumber: 'OX1' },
      now,
    );
    expect(after(atOxcart).status).toBe('booked');
    const own = { ...fact('picked_up'), carrier: 'oxcart', trackingNumber: 'OX1' };
    const moving = takeFact(after(atOxcart), own, now);
    expect(moving).toMatchObject({ fate: 'applied', shipment: { status: 'picked_up' } });
    const { facts, tried } = after(moving);
    expect(facts).toHaveLength(1);
    expect(tried.map(({ carrier, facts }) => [carrier, facts.map(({ status }) => status)])).toEqual(
      [['heron', ['picked_up', 'in_transit']]],
    );
  });

  it('of another carrier, another number or an unknown order are not ours', () => {
    for (const other of [
      { ...fact('picked_up'), carrier: 'oxcart' },
      { ...fact('picked_up'), trackingNumber: 'HP2' },
    ]) {
      expect(takeFact(atHeron, other, now)).toEqual({ fate: 'unknown', send: [] });
    }
    expect(takeFact(undefined, fact('picked_up'), now).fate).toBe('unknown');
  });
});

describe('an operation id', () => {
  it.each([
    ['the only one', null, 1],
    ['the first of two', { number: 1 }, 1],
    ['the second', { number: 2 }, 2],
    ['the first, booked again', { number: 1, again: 1 }, 1],
    ['the last, booked again twice', { number: 100, again: 2 }, 100],
  ])('names its order and its parcel: %s', (_, part, number) => {
    const parcel = part && { orderId, of: 100, warehouse: 'MAIN', ...part };
    const operationId = operationIdOf({ orderId: keyOf(orderId, number), parcel });
    expect(parcelOf(operationId)).toEqual({ orderId, number });
  });

  it.each([
    'x/book-shipment',
    `${orderId}/void-payment`,
    `${orderId}/book-shipment/0`,
    `${orderId}/book-shipment/2.0`,
    `${orderId}/book-shipment/101`,
    `${orderId}/book-shipment/1000`,
    `${orderId}/book-shipment/2/3`,
  ])('is not ours: %s', (operationId) => {
    expect(parcelOf(operationId)).toBeUndefined();
  });
});
