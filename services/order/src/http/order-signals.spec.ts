import { beforeEach, describe, expect, it } from '@jest/globals';
import { Draining } from '@waybill/http';
import { HandClock } from '@waybill/messaging/testing';
import type { LiveUpdates } from '@waybill/service';
import { OrderSignals } from './order-signals.ts';

let clock: HandClock;
let draining: Draining;
let signals: OrderSignals;
let status: string;
let reads: number;
let gone: boolean;
let tell: (key: string, news?: string) => void;

beforeEach(() => {
  clock = new HandClock();
  draining = new Draining();
  status = 'pending';
  reads = 0;
  gone = false;
  const observe = (_: unknown, listener: (news: object) => void) => {
    tell = (key, news = status) => listener({ key, data: { status: news } });
    return () => {};
  };
  signals = new OrderSignals({ observe } as Partial<LiveUpdates> as LiveUpdates, draining, clock);
});

const wait = (within = 30_000, order = 'a') =>
  signals.until(order, {
    within,
    read: async () => {
      reads += 1;
      return { status };
    },
    isSettled: (found) => found.status !== 'pending',
    isGone: () => gone,
  });
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

describe('who waits for an order', () => {
  it('gets it as soon as news of it come, and it is settled', async () => {
    const waiting = wait();
    await turns();
    tell('another');
    await turns();
    expect(reads).toBe(1);
    tell('a', 'confirmed');
    await turns();
    expect(reads).toBe(2);
    status = 'confirmed';
    tell('a');
    expect(await waiting).toEqual({ status: 'confirmed' });
  });

  it('is not looked for when the news say that it is not settled', async () => {
    const waiting = wait();
    await turns();
    tell('a', 'pending');
    await turns();
    expect(reads).toBe(1);
    status = 'rejected';
    tell('a');
    expect(await waiting).toEqual({ status: 'rejected' });
  });

  it('gets it also without news, a quarter of a second later', async () => {
    const waiting = wait();
    await turns();
    status = 'confirmed';
    clock.advance(250);
    expect(await waiting).toEqual({ status: 'confirmed' });
  });

  it('gets what there is when the time is over', async () => {
    const waiting = wait(300);
    await turns();
    clock.advance(250);
    await turns();
    clock.advance(50);
    expect(await waiting).toEqual({ status });
  });

  it('is not looked for any more once he is gone', async () => {
    const waiting = wait();
    await turns();
    gone = true;
    clock.advance(250);
    await waiting;
    clock.advance(30_000);
    await turns();
    expect(reads).toBe(2);
  });

  it('gets what there is when the service stops, and nobody waits from then on', async () => {
    const waiting = [wait(), wait(), wait(30_000, 'b')];
    await turns();
    draining.begin();
    expect(await Promise.all(waiting)).toEqual([{ status }, { status }, { status }]);
    expect(await wait()).toEqual({ status });
  });
});
