import { channelOf, type Envelope, encode, type Message, newId, wrap } from '@waybill/message';
import { type Broker, type Delivery, guaranteeing, type Listener } from '../broker.ts';
import { oneBroker } from '../brokers.ts';
import { Consumer, type ConsumerOptions } from '../consumer.ts';
import type { Handler } from '../handler.ts';
import type { Finished } from '../observer.ts';
import type { OutboxRow, Relay } from '../store.ts';
import { HandClock } from './hand-clock.ts';
import { MemoryStore } from './memory-store.ts';

/** A delivery as a test sees it. */
export interface TestDelivery {
  readonly id: string;
  readonly acked: () => boolean;
  readonly givenBack: () => boolean;
}

/**
 * A consumer on a test bench: a store in memory, a clock that the test advances, and the
 * test as the broker. Nothing runs before `quiet()` or an advance of the clock lets it.
 */
export class ConsumerBench {
  readonly clock = new HandClock();
  readonly store = new MemoryStore(() => this.clock.now());
  readonly sent: Envelope[] = [];
  readonly batches: number[] = [];
  readonly finished: Finished[] = [];
  readonly troubles: string[] = [];
  /** The message ids of the dead letters that were passed to the broker. */
  readonly deadLettered: (string | null)[] = [];
  readonly consumer: Consumer;
  private readonly listeners = new Map<string, Listener>();
  private unsettled = 0;

  constructor(handlers: readonly Handler[], options: Partial<ConsumerOptions> = {}) {
    this.consumer = new Consumer({
      service: 'shop',
      store: this.store,
      relay: this.relay(),
      brokers: oneBroker(this.broker()),
      handlers,
      clock: this.clock,
      random: () => 0.5,
      observer: {
        finished: (event) => this.finished.push(event),
        batch: ({ size }) => this.batches.push(size),
        trouble: ({ what }) => this.troubles.push(what),
      },
      ...options,
    });
  }

  async start(): Promise<this> {
    await this.consumer.start();
    for (const listener of this.listeners.values()) await listener.assigned([0]);
    await this.quiet();
    return this;
  }

  /** Delivers a message, as a broker would. */
  deliver(
    message: Message,
    options: { id?: string; group?: string; partition?: number } = {},
  ): TestDelivery {
    const id = options.id ?? newId(this.clock.now());
    const cause = { id, correlationId: id, traceparent: null };
    const envelope = {
      ...wrap(message, { cause, source: 'order', now: this.clock.now(), name: 'test' }),
      id,
    };
    return this.deliverBytes(encode(envelope), {
      ...options,
      id,
      channel: channelOf(message.contract),
    });
  }

  /** Delivers any bytes. */
  deliverBytes(
    body: string,
    options: {
      id?: string;
      group?: string;
      partition?: number;
      channel?: string;
      gaveUp?: string;
      expired?: true;
    } = {},
  ): TestDelivery {
    let state: 'open' | 'acked' | 'back' = 'open';
    this.unsettled += 1;
    const end = (to: 'acked' | 'back') => () => {
      if (state !== 'open') throw new Error(`a delivery was settled twice: ${state}, then ${to}`);
      state = to;
      this.unsettled -= 1;
    };
    const delivery: Delivery = {
      channel: options.channel ?? 'shop.commands',
      body,
      partition: options.partition ?? 0,
      redelivered: false,
      ...(options.gaveUp === undefined ? {} : { gaveUp: options.gaveUp }),
      ...(options.expired ? { expired: true } : {}),
      ack: end('acked'),
      giveBack: end('back'),
    };
    this.listenerOf(options.group ?? 'shop').deliver(delivery);
    return {
      id: options.id ?? '',
      acked: () => state === 'acked',
      givenBack: () => state === 'back',
    };
  }

  listenerOf(group: string): Listener {
    const listener = this.listeners.get(group);
    if (!listener) throw new Error(`nobody listens to ${group}`);
    return listener;
  }

  /** How many deliveries are neither acked nor given back. */
  open(): number {
    return this.unsettled;
  }

  /** Lets everything run that can run without an advance of the clock. */
  async quiet(): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Advances the clock, and lets everything run. */
  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    await this.quiet();
  }

  /** Advances the clock several times, and lets everything run in between. */
  async passEach(...waits: readonly number[]): Promise<void> {
    for (const ms of waits) await this.pass(ms);
  }

  private relay(): Relay {
    return {
      offer: (rows: readonly OutboxRow[]) => this.sent.push(...rows.map((row) => row.envelope)),
      announce: (envelopes) => this.sent.push(...envelopes),
      takeConfirmed: () => [],
      restore: () => undefined,
      route: () => ({ broker: 'bench', outboxPartition: 0, own: true }),
    };
  }

  private broker(): Broker {
    return {
      name: 'bench',
      guarantees: guaranteeing('durable', 'orderedPerKey'),
      largest: Number.POSITIVE_INFINITY,
      declare: async () => undefined,
      publish: () => undefined,
      subscribe: async (group, listener) => {
        this.listeners.set(group, listener);
        return async () => undefined;
      },
      observe: () => () => undefined,
      deadLettered: (letters) =>
        this.deadLettered.push(...letters.map(({ messageId }) => messageId)),
      stats: async () => [],
      close: async () => undefined,
    };
  }
}
