import { MemoryKeys } from '@waybill/encryption/testing';
import type { EventStream, StreamEvent } from '@waybill/http';
import type { OrderEvent } from '../domain/order.events.ts';
import type { Order } from '../domain/order.ts';
import { PersonalOrders } from '../http/personal-orders.ts';
import type { OrderEventEntity } from '../storage/order.entities.ts';
import { evolvedBy } from '../storage/order.repository.ts';
import type { OrderDocuments } from '../storage/order-documents.ts';
import { address } from './order.fixtures.ts';

const placed: Extract<OrderEvent, { type: 'placed' }>['data'] = {
  number: 'W-1',
  customerId: 'ada',
  total: 119_701,
  currency: 'EUR',
  content: {
    customerName: 'Ada L.',
    customerEmail: 'ada@example.com',
    lines: [],
    shippingAddress: address,
    shippingMethod: 'standard',
    note: null,
    subtotal: 99_900,
    shippingCost: 690,
    tax: 19_111,
  },
};

/** The customer of the order. */
export const caller = { id: 'ada', roles: ['customer'], name: '', email: '' } as const;

export const personal = new PersonalOrders(new MemoryKeys().cipher());

/** Finds no documents. */
export const noDocuments = { of: async () => new Map() } as Pick<
  OrderDocuments,
  'of'
> as OrderDocuments;

/** An order whose history is written by a test, and read like that of the repository. */
export class FollowedOrder {
  readonly id = '019a9c40-0000-7000-8000-000000000001';
  /** The number of reads of the history. */
  reads = 0;
  /** Awaited before each read; reject it to simulate an unavailable database. */
  hold: () => Promise<void> = async () => {};
  private readonly history: OrderEventEntity[] = [];

  constructor(versions = 1) {
    this.happens({ type: 'placed', data: placed });
    this.moves(versions - 1);
  }

  happens({ type, data }: OrderEvent): void {
    const version = this.history.length + 1;
    const at = new Date(1_760_000_000_000 + version).toISOString();
    const { id: streamId } = this;
    const row = { position: version, streamId, version, type, data, at, messageId: streamId };
    this.history.push(row);
  }

  /** Adds versions with arbitrary content. */
  moves(times: number): void {
    for (let n = 0; n < times; n += 1)
      this.happens({ type: 'payment-captured', data: { amount: this.history.length } });
  }

  /** The order at a version; default: the last one. */
  at(version = this.history.length): Order {
    return this.history.slice(0, version).reduce<Order | undefined>(evolvedBy, undefined) as Order;
  }

  async events(_: string, after: number, limit: number): Promise<OrderEventEntity[]> {
    this.reads += 1;
    const found = this.history.slice(after, after + limit);
    await this.hold();
    return found;
  }
}

/** A stream that records what is sent. */
export class KeptStream {
  isOpen = true;
  readonly sent: StreamEvent[] = [];
  private readonly ends: (() => void)[] = [];
  private readonly beats: (() => void)[] = [];

  send(event: StreamEvent): void {
    this.sent.push(event);
  }

  onEnd(run: () => void): void {
    this.ends.push(run);
  }

  onBeat(run: () => void): void {
    this.beats.push(run);
  }

  beat(): void {
    for (const run of this.beats) run();
  }

  end(): void {
    this.isOpen = false;
    for (const run of this.ends.splice(0)) run();
  }

  versions(): number[] {
    return this.sent.map(({ id }) => Number(id));
  }

  /** Typed as the code under test expects it. */
  get asStream(): EventStream {
    return this as unknown as EventStream;
  }
}
