import { beforeEach, describe, expect, it } from '@jest/globals';
import { Draining } from '@waybill/http';
import type { ObserveOptions } from '@waybill/messaging';
import { HandClock } from '@waybill/messaging/testing';
import type { Log } from '@waybill/observability';
import { viewOf } from '../messages/order.view.ts';
import type { OrderRepository } from '../storage/order.repository.ts';
import {
  caller,
  FollowedOrder,
  KeptStream,
  noDocuments,
  personal,
} from '../testing/followed-order.ts';
import { OrderSignals } from './order-signals.ts';
import { OrderStream } from './order-stream.ts';

let clock: HandClock;
let order: FollowedOrder;
let stream: KeptStream;
let orders: OrderStream;
let warned: unknown[];
/** Sends a live update of an order, or signals a gap. */
let tell: (key: string) => void;
let gap: () => void;
let observers: number;

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};
const follow = (after: number, to = stream) =>
  orders.follow(order.id, after, to.asStream, { caller });

beforeEach(() => {
  clock = new HandClock();
  order = new FollowedOrder(3);
  stream = new KeptStream();
  warned = [];
  observers = 0;
  const live = {
    observe: (_: unknown, listener: (it: { key: string }) => void, options: ObserveOptions) => {
      observers += 1;
      tell = (key) => listener({ key });
      gap = () => options.onGap?.();
      return () => {
        observers -= 1;
      };
    },
  };
  const signals = new OrderSignals(live as never, new Draining(), clock);
  const log = { warn: (what: unknown) => warned.push(what) } as unknown as Log;
  const history = order as unknown as OrderRepository;
  orders = new OrderStream(history, noDocuments, signals, personal, clock, log);
});

describe('where a stream of an order begins', () => {
  it.each([
    [undefined, undefined, 2],
    ['', undefined, 2],
    ['0', undefined, 0],
    ['2', undefined, 2],
    ['3', undefined, 3],
    [undefined, '1', 1],
    ['2', '1', 2],
  ])('after header %j and query %j is version %i', (header, query, after) => {
    expect(orders.start(order.at(), header, query)).toBe(after);
  });

  it.each([
    ['4', undefined, 'Last-Event-ID'],
    [undefined, '999', 'lastEventId'],
    ['three', undefined, 'Last-Event-ID'],
    [undefined, '-1', 'lastEventId'],
  ])('is refused for header %j and query %j, by the name of %s', (header, query, name) => {
    expect(() => orders.start(order.at(), header, query)).toThrow(
      expect.objectContaining({
        status: 400,
        errors: [{ path: `/${name}`, message: expect.any(String) }],
      }),
    );
  });
});

describe('a stream of an order', () => {
  it('sends every version that its reader lacks, each as the order was then', async () => {
    follow(1);
    await settled();
    expect(stream.sent).toEqual([
      { id: '2', event: 'order_updated', data: viewOf(order.at(2)) },
      { id: '3', event: 'order_updated', data: viewOf(order.at(3)) },
    ]);
  });

  it('sends nothing to a reader who lacks nothing, until something happens', async () => {
    follow(3);
    await settled();
    expect(stream.sent).toEqual([]);
    order.moves(1);
    tell(order.id);
    await settled();
    expect(stream.versions()).toEqual([4]);
  });

  it('sends versions one by one though one live update tells of several, or comes twice', async () => {
    follow(2);
    order.moves(3);
    tell(order.id);
    tell(order.id);
    await settled();
    tell(order.id);
    await settled();
    expect(stream.versions()).toEqual([3, 4, 5, 6]);
  });

  it('misses nothing that happens while it reads', async () => {
    let release = (): void => {};
    order.hold = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    follow(2);
    await settled();
    order.moves(1);
    tell(order.id);
    expect(stream.sent).toEqual([]);
    order.hold = async () => {};
    release();
    await settled();
    expect(stream.versions()).toEqual([3, 4]);
  });

  it('reads again after a gap in the live updates, and with each heartbeat', async () => {
    follow(3);
    await settled();
    order.moves(1);
    gap();
    await settled();
    expect(stream.versions()).toEqual([4]);
    order.moves(1);
    stream.beat();
    await settled();
    expect(stream.versions()).toEqual([4, 5]);
  });

  it('reads nothing for news of another order', async () => {
    follow(3);
    await settled();
    const { reads } = order;
    tell('another');
    await settled();
    expect(order.reads).toBe(reads);
  });

  it('reads a long history page by page', async () => {
    order.moves(347);
    follow(0);
    await settled();
    expect(stream.versions()).toEqual(Array.from({ length: 350 }, (_, n) => n + 1));
    expect(order.reads).toBe(4);
  });

  it('stays open while the database is away, tells the log, and goes on when it is back', async () => {
    order.hold = () => Promise.reject(new Error('no database'));
    follow(2);
    await settled();
    expect([stream.isOpen, stream.sent, warned.length]).toEqual([true, [], 1]);
    order.hold = async () => {};
    clock.advance(1_000);
    await settled();
    expect(stream.versions()).toEqual([3]);
  });

  it('ends with its reader: it reads and receives no more, and others go on', async () => {
    const other = new KeptStream();
    follow(3);
    follow(3, other);
    await settled();
    stream.end();
    order.moves(1);
    tell(order.id);
    clock.advance(60_000);
    await settled();
    expect([stream.versions(), other.versions()]).toEqual([[], [4]]);
    expect(observers).toBe(1);
  });

  it('that ended while the database was away tries no more', async () => {
    order.hold = () => Promise.reject(new Error('no database'));
    follow(2);
    await settled();
    stream.end();
    const { reads } = order;
    clock.advance(60_000);
    await settled();
    expect(order.reads).toBe(reads);
  });
});
