import { describe, expect, it } from '@jest/globals';
import {
  BookAtCarrier,
  BookShipment,
  CancelShipment,
  derivedId,
  type Message,
  SettleCancel,
  WithdrawBooking,
} from '@waybill/contracts';
import { runs } from '@waybill/messaging/testing';
import fc from 'fast-check';
import {
  isBookingAt,
  isWithdrawingAt,
  requestShipment,
  takeBookAnswer,
  takeWithdrawal,
  type Withdrawal,
} from './book-shipment.ts';
import {
  cancelShipment,
  giveUpWithdrawal,
  isSettlingAt,
  mayBeBooked,
  settleCancel,
} from './cancel-shipment.ts';
import type { BookAnswer, CancelAnswer } from './carrier-answer.ts';
import { isLive, type Outcome, type Shipment } from './shipment.ts';

const orderId = '0195a000-0000-7000-8000-000000000001';
const names = ['heron', 'swiftlet', 'oxcart'];
const order = {
  orderId,
  address: { name: 'Ada', line1: '1 Main St', city: 'Berlin', postalCode: '10115', country: 'DE' },
  country: 'DE',
  method: 'standard' as const,
  weightGrams: 1_200,
};

/** The course of one carrier call: `lost` takes effect, `late` takes effect later, `never` has no effect. */
type Fate = 'fine' | 'lost' | 'late' | 'never' | 'refused';

interface Step {
  readonly act: 'book' | 'cancel' | 'handle' | 'crash' | 'giveUp' | 'arrive' | 'pickUp' | 'wait';
  readonly pick: number;
  readonly fate: Fate;
}

const step = fc.record<Step>({
  act: fc.constantFrom(
    'book',
    'cancel',
    'handle',
    'handle',
    'handle',
    'crash',
    'giveUp',
    'arrive',
    'pickUp',
    'wait',
  ),
  pick: fc.nat(7),
  fate: fc.constantFrom('fine', 'fine', 'lost', 'late', 'never', 'refused'),
});

/** The shipment of one order and its carriers, with calls that are lost, late and repeated. */
class World {
  state: Shipment | undefined;
  readonly told: { type: string; data: unknown }[] = [];
  readonly queue: Message[] = [];
  readonly late: (() => void)[] = [];
  readonly books = new Map<string, 'booked' | 'cancelled' | 'picked_up'>();
  private clock = Date.UTC(2026, 2, 1);
  private messages = 0;

  live(): readonly string[] {
    return [...this.books].filter(([, status]) => status !== 'cancelled').map(([name]) => name);
  }

  run({ act, pick, fate }: Step): void {
    if (act === 'book') this.queue.push(BookShipment(order));
    if (act === 'cancel') this.queue.push(CancelShipment({ orderId }));
    if (act === 'wait') this.clock += 1_000;
    if (act === 'arrive') this.late.splice(pick % (this.late.length + 1), 1)[0]?.();
    if (act === 'pickUp') this.pickUp();
    const message = this.queue[pick % Math.max(1, this.queue.length)];
    if (!message) return;
    if (act === 'crash') this.request(message, fate);
    if (act === 'handle') this.handle(message, fate);
    if (act === 'giveUp' && message.contract === WithdrawBooking) {
      this.take(message, giveUpWithdrawal(this.state, withdrawalOf(message), this.moment().now));
    }
  }

  /** Ends all faults. */
  settle(): void {
    for (const arrive of this.late.splice(0)) arrive();
    for (let message = this.queue[0]; message; message = this.queue[0])
      this.handle(message, 'fine');
  }

  private pickUp(): void {
    const [booked] = [...this.books].find(([, status]) => status === 'booked') ?? [];
    if (booked) this.books.set(booked, 'picked_up');
  }

  private handle(message: Message, fate: Fate): void {
    const answer = this.request(message, fate);
    const outcome = this.decide(message, answer);
    if (outcome) this.take(message, outcome);
  }

  private take(message: Message, { shipment, send }: Outcome): void {
    this.queue.splice(this.queue.indexOf(message), 1);
    if (shipment) this.state = shipment;
    const own: readonly unknown[] = [BookAtCarrier, WithdrawBooking, SettleCancel];
    for (const each of send) {
      if (own.includes(each.contract)) this.queue.push(each);
      else this.told.push({ type: each.contract.type, data: each.data });
    }
  }

  private request(message: Message, fate: Fate): BookAnswer | CancelAnswer | undefined {
    const { state } = this;
    if (message.contract === BookAtCarrier) {
      const carrier = carrierOf(message);
      return isBookingAt(state, carrier) ? this.book(carrier, fate) : undefined;
    }
    const calls =
      (message.contract === WithdrawBooking && isWithdrawingAt(state, carrierOf(message))) ||
      (message.contract === SettleCancel && isSettlingAt(state, carrierOf(message))) ||
      (message.contract === CancelShipment && mayBeBooked(state));
    return calls && state?.carrier ? this.cancel(state.carrier, fate) : undefined;
  }

  /** Undefined if the call failed, so the message stays where it is. */
  private decide(message: Message, answer: unknown): Outcome | undefined {
    const moment = this.moment();
    const { state } = this;
    const { contract } = message;
    if (contract === BookShipment) return requestShipment(state, order, names, moment);
    if (contract === CancelShipment) {
      const known = answer ?? (mayBeBooked(state) ? { outcome: 'unknown' } : undefined);
      return cancelShipment(state, orderId, known as CancelAnswer, moment);
    }
    const carrier = carrierOf(message);
    if (contract === BookAtCarrier) {
      return takeBookAnswer(state, carrier, answer as BookAnswer, moment.now);
    }
    if (contract === WithdrawBooking) {
      const failed = isWithdrawingAt(state, carrier) && !answer;
      return failed
        ? undefined
        : takeWithdrawal(state, withdrawalOf(message), answer as CancelAnswer, moment.now);
    }
    const failed = isSettlingAt(state, carrier) && !answer;
    return failed ? undefined : settleCancel(state, carrier, answer as CancelAnswer, moment.now);
  }

  private book(carrier: string, fate: Fate): BookAnswer {
    const effect = (): BookAnswer => {
      const status = this.books.get(carrier);
      if (status === 'cancelled') return { outcome: 'refused', detail: 'cancelled' };
      if (status === undefined) this.books.set(carrier, 'booked');
      return { outcome: 'booked', trackingNumber: carrier, cost: { amount: 1, currency: 'EUR' } };
    };
    if (fate === 'refused' && !this.books.has(carrier)) return { outcome: 'refused', detail: 'no' };
    return this.call(effect, fate) ?? { outcome: 'unknown', detail: 'no answer' };
  }

  private cancel(carrier: string, fate: Fate): CancelAnswer | undefined {
    return this.call<CancelAnswer>(() => {
      if (this.books.get(carrier) === 'picked_up') {
        const booking = { trackingNumber: carrier, cost: { amount: 1, currency: 'EUR' } };
        return { outcome: 'too_late', booking };
      }
      this.books.set(carrier, 'cancelled');
      return { outcome: 'cancelled' };
    }, fate);
  }

  private call<T>(effect: () => T, fate: Fate): T | undefined {
    if (fate === 'never') return undefined;
    if (fate === 'late') {
      this.late.push(effect);
      return undefined;
    }
    const answer = effect();
    return fate === 'lost' ? undefined : answer;
  }

  private moment() {
    this.messages += 1;
    const cause = derivedId(orderId, String(this.messages));
    return { now: new Date(this.clock), id: (name: string) => derivedId(cause, name) };
  }
}

const withdrawalOf = ({ data }: Message) => data as Withdrawal;
const carrierOf = ({ data }: Message): string => (data as { carrier: string }).carrier;

describe('whatever is lost, late, repeated or crashes between asking and deciding', () => {
  it('an order never has two live parcels, and in the end exactly what the shipment says', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const world = new World();
        for (const each of steps) {
          world.run(each);
          expect(world.live().length).toBeLessThanOrEqual(1);
        }
        world.settle();
        const { state } = world;
        expect(world.live()).toEqual(state && isLive(state) ? [state.carrier] : []);
        expect(['quoted', 'withdrawing', 'cancel_pending']).not.toContain(state?.status);
      }),
      { numRuns: runs(600, 3_000) },
    );
  }, 60_000);

  it('every order is answered, and told yes and no only if it was undone between', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const world = new World();
        for (const each of steps) world.run(each);
        world.queue.push(BookShipment(order));
        world.settle();
        const answers = world.told.filter(({ type }) => /booked|rejected/.test(type));
        expect(answers.length).toBeGreaterThan(0);
        const undone = steps.some(({ act }) => act === 'cancel' || act === 'giveUp');
        const kinds = new Set(answers.map(({ type }) => type));
        if (!undone) expect(kinds.size).toBe(1);
      }),
      { numRuns: runs(600, 2_000) },
    );
  }, 60_000);
});
