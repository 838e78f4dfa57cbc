import {
  channelOf,
  decode,
  derivedId,
  type Envelope,
  encode,
  type Message,
  wrap,
} from '@waybill/contracts';
import { EmbeddedBroker } from '@waybill/embedded-broker';
import {
  type ConfirmedPage,
  Consumer,
  type Delivery,
  oneBroker,
  type Relay,
} from '@waybill/messaging';
import { HandClock, MemoryStore } from '@waybill/messaging/testing';
import { type AnySaga, isSettled, SagaRegistry, type SagaState, SagaTimers } from '@waybill/saga';
import { type SeededRandom, seededRandom } from '@waybill/testing';
import { WrongState } from '../domain/order.errors.ts';
import type { Order } from '../domain/order.ts';
import type { Voucher, VoucherHolder } from '../domain/voucher.ts';
import { type Accepted, AcceptOrder, CancelOrder, OperateSaga } from '../messages/order.local.ts';
import { CreateVoucher } from '../messages/voucher.local.ts';
import { orderConfig } from '../order.config.ts';
import { orderSagas } from '../sagas/order-sagas.ts';
import { orderHandlers } from './order.bench.ts';
import { anOrder, laptop, voucherTerms } from './order.fixtures.ts';
import { carried, disputed, overdue, storeTrouble } from './outside-facts.ts';
import { sendBack } from './returning-customer.ts';
import { paymentOf } from './simulated-credit.ts';
import { participantsGroup, SimulatedParticipants } from './simulated-participants.ts';

const troubleEnds = 30_000;
const patience = 400_000;
const step = 250;
/** The order service among unreliable neighbours; every fault is drawn from one seed. */
export class Simulation {
  readonly random: SeededRandom;
  readonly clock = new HandClock();
  readonly store = new MemoryStore(() => this.clock.now());
  readonly participants: SimulatedParticipants;
  /** The ids of the orders that customers got a response for, by idempotency key. */
  readonly accepted = new Map<string, Set<string>>();
  /** The orders whose cancel was accepted. */
  readonly cancelled = new Set<string>();
  /** The orders whose payment was disputed. */
  readonly disputed = new Set<string>();
  private readonly broker: EmbeddedBroker;
  private readonly consumer: Consumer;
  private readonly timers: SagaTimers;
  private readonly confirmed: ConfirmedPage[] = [];
  private open = 0;
  private drawn = 0;

  constructor(seed: number) {
    this.random = seededRandom(seed);
    this.participants = new SimulatedParticipants(this.random);
    this.participants.hasTwoWarehouses = true;
    this.broker = new EmbeddedBroker({
      clock: this.clock,
      faults: { seed, duplicate: 0.1, reorder: 0.1, holdUpTo: 2_000, loseConfirm: 0.05 },
    });
    const net = 4_000;
    this.consumer = new Consumer({
      service: 'order',
      store: this.store,
      relay: this.relay(),
      brokers: oneBroker(this.broker),
      handlers: orderHandlers({ ...orderConfig.parse({}), sagaNetMs: net }),
      clock: this.clock,
      random: () => this.random.next(),
      partitions: 2,
    });
    this.timers = new SagaTimers({
      registry: new SagaRegistry(orderSagas),
      submitter: this.consumer,
      clock: this.clock,
      sagas: {
        inFlight: async () => this.sagas(),
        due: async () =>
          this.sagas().filter(({ dueAt }) => dueAt && Date.parse(dueAt) <= this.now()),
        isUnconfirmed: async (key, channel) =>
          [...this.store.outbox].some(
            ([seq, row]) => row.key === key && row.channel === channel && !this.isConfirmed(seq),
          ),
      },
    });
  }

  /** Places `count` orders under faults, ends the faults, and advances the clock until everything is settled. */
  async run(count: number): Promise<this> {
    await this.broker.declare([...this.consumer.groups(), participantsGroup]);
    await this.consumer.start();
    await this.broker.subscribe(participantsGroup.name, {
      assigned: async () => undefined,
      revoked: () => undefined,
      deliver: (delivery) => this.participate(delivery),
    });
    this.timers.start();
    void this.consumer.submit(CreateVoucher(voucherTerms), { id: this.id() });
    await this.turn(step);
    this.store.failWith = () => storeTrouble(this.random);
    for (let i = 0; i < count; i += 1) this.later(troubleEnds / 2, () => this.customer(`key-${i}`));
    await this.turn(troubleEnds);
    this.participants.reliable = true;
    this.store.failWith = () => undefined;
    for (let time = 0; time < patience && !this.isQuiet(); time += 8 * step) {
      await this.turn(8 * step);
    }
    await this.timers.stop();
    return this;
  }

  sagas(): SagaState[] {
    return this.rows<SagaState>('sagas/');
  }

  orders(): Order[] {
    return this.rows<Order>('orders/');
  }

  /** How many uses of its voucher, and of each of its customers, are counted. */
  voucherUses(): number[] {
    const rows = [
      ...this.rows<Voucher>('vouchers/'),
      ...this.rows<VoucherHolder>('voucher_holders/'),
    ];
    return rows.map(({ uses }) => uses);
  }

  isQuiet(): boolean {
    const left = [...this.store.outbox.keys()].filter((seq) => !this.isConfirmed(seq));
    return (
      this.open === 0 &&
      left.length === 0 &&
      this.store.deferred.size === 0 &&
      this.sagas().every(isSettled)
    );
  }

  private isConfirmed(seq: number): boolean {
    return this.confirmed.some(({ first }) => first === seq);
  }

  private rows<R>(prefix: string): R[] {
    return [...this.store.states]
      .filter(([name]) => name.startsWith(prefix))
      .map(([, { value }]) => value as R);
  }

  private now(): number {
    return this.clock.now().getTime();
  }

  private async turn(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += step) {
      this.clock.advance(step);
      for (let i = 0; i < 2; i += 1) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Submits a message of a customer or an operator. */
  submit<A>(message: Message): Promise<A> {
    this.open += 1;
    return this.consumer.submit<A>(message, { id: this.id() }).finally(() => {
      this.open -= 1;
    });
  }

  later(within: number, run: () => void): void {
    this.open += 1;
    this.clock.after(1 + this.random.below(within), () => {
      this.open -= 1;
      run();
    });
  }

  /** Places an order, sometimes twice at once, and again with the same key whenever the response is lost. */
  private customer(key: string): void {
    const times = this.random.next() < 0.3 ? 2 : 1;
    for (let i = 0; i < times; i += 1) {
      const order = anOrder({
        orderId: this.id(),
        lines: [{ sku: laptop.sku, quantity: 1 + this.random.below(2) }],
        found: [laptop],
        idempotency: { id: key, bodyHash: 'same' },
        voucherCode: key.endsWith('0') ? null : voucherTerms.code,
        payment: paymentOf(key),
      });
      this.submit<Accepted>(AcceptOrder(order))
        .then((answer) => this.told(key, answer))
        .catch(() => this.later(2_000, () => this.customer(key)));
    }
  }

  private told(key: string, answer: Accepted): void {
    if (!('accepted' in answer)) throw new Error('the product is known');
    const { id } = JSON.parse(answer.accepted.body) as { id: string };
    const known = this.accepted.get(key) ?? new Set();
    this.accepted.set(key, known.add(id));
    if (known.size > 1 || answer.replayed) return;
    if (this.random.next() < 0.1) this.later(8_000, () => this.wish(id));
    if (this.random.next() < 0.1)
      this.later(8_000, () => this.send(overdue(id, this.clock.now()), this.id()));
    if (this.random.next() < 0.1) this.later(20_000, () => this.dispute(id));
    const times = this.random.next() < 0.4 ? 1 + this.random.below(2) : 0;
    for (let i = 0; i < times; i += 1) this.later(20_000, () => this.cancel(id));
    if (this.random.next() < 0.4) this.later(20_000, () => sendBack(this, id));
  }

  /** Cancels an order, and again whenever the response is lost. */
  private cancel(orderId: string): void {
    this.submit(CancelOrder({ orderId, reason: 'changed my mind' }))
      .then(() => this.cancelled.add(orderId))
      .catch((error) => {
        if (!(error instanceof WrongState)) this.later(2_000, () => this.cancel(orderId));
      });
  }

  private wish(orderId: string): void {
    const wish = this.random.pick<'retry' | 'compensate'>(['retry', 'compensate']);
    const { name } = this.random.pick(orderSagas as [AnySaga, ...AnySaga[]]);
    const wished = OperateSaga({ orderId, sagaId: `${name}:${orderId}`, wish, by: 'ops' });
    this.consumer.submit(wished, { id: this.id() }).catch(() => undefined);
  }

  private dispute(orderId: string): void {
    this.disputed.add(orderId);
    this.send(disputed(orderId), this.id());
  }

  private participate(delivery: Delivery): void {
    const command = decode(delivery.body);
    this.later(1_000, () => {
      const answers = this.participants.take(command);
      answers.forEach((answer, i) => {
        this.send(answer, derivedId(command.id, `answer/${i}`));
      });
      if (answers.some(({ contract }) => contract.type === 'shipping.shipment-booked'))
        this.carry(command.key);
      delivery.ack();
    });
  }

  /** The carriers send every report, in any order, while the parcels are booked and not stopped. */
  private carry(orderId: string): void {
    for (const parcel of this.participants.parcelsOf(orderId)) {
      const end = this.random.next() < 0.2 ? 'undeliverable' : 'delivered';
      for (const status of ['picked_up', 'in_transit', end] as const) {
        this.later(20_000, () => {
          if (!this.participants.pickUp(orderId)) return;
          this.send(carried(orderId, parcel, status, this.clock.now()), this.id());
        });
      }
    }
  }

  private send(message: Message, id: string): void {
    const cause = { id, correlationId: id, traceparent: null };
    const wrapped = wrap(message, { cause, source: 'world', now: this.clock.now(), name: 'world' });
    this.publish({ ...wrapped, id }, channelOf(message.contract), () => undefined);
  }

  /** At-least-once delivery: a message without a confirm is sent again. */
  private publish(envelope: Envelope, channel: string, done: () => void): void {
    this.open += 1;
    this.broker.publish([{ channel, envelope, body: encode(envelope) }], (_, error) => {
      this.open -= 1;
      if (error) this.later(1_000, () => this.publish(envelope, channel, done));
      else done();
    });
  }

  private relay(): Relay {
    return {
      offer: (rows, seqs) => {
        rows.forEach(({ envelope, channel }, i) => {
          const seq = seqs[i] as number;
          this.publish(envelope, channel, () => this.confirmed.push({ first: seq, last: seq }));
        });
      },
      announce: () => undefined,
      takeConfirmed: () => this.confirmed.splice(0),
      restore: (confirmed) => this.confirmed.push(...confirmed),
      route: () => ({ broker: 'embedded', outboxPartition: 0, own: true }),
    };
  }

  /** Ids derived from the seed, time-ordered like real ones. */
  private id(): string {
    this.drawn += 1;
    const time = this.now().toString(16).padStart(12, '0');
    return derivedId(
      `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${'0'.repeat(12)}`,
      `${this.random.seed}/${this.drawn}`,
    );
  }
}
