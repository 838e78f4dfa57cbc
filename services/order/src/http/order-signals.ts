import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { OrderUpdated } from '@waybill/contracts';
import { Draining } from '@waybill/http';
import type { Clock } from '@waybill/messaging';
import { CLOCK } from '@waybill/messaging';
import { LiveUpdates } from '@waybill/service';

const pollEvery = 250;

/** The fields of an order that a wait looks at; its live updates have the status only. */
interface Told {
  readonly status: string;
  readonly payment?: { readonly actionUrl?: string };
}

/** Called with an update, or without one if updates may have been missed. */
type Waker = (news?: Told) => void;

/** A request that waits for an order. */
export interface Wait<T extends Told> {
  /** The longest wait, in milliseconds. */
  readonly within: number;
  readonly read: () => Promise<T>;
  /** Updates of an order that is not settled do not end the wait. */
  readonly isSettled: (found: Told) => boolean;
  /** True when the caller has disconnected. */
  readonly isGone: () => boolean;
}

/** Notifies waiting requests of changes of orders: from live updates, and after a gap in them, which may concern any order. */
@Injectable()
export class OrderSignals implements OnApplicationShutdown {
  private readonly waiting = new Map<string, Set<Waker>>();
  private stopObserving: (() => void) | null = null;

  constructor(
    private readonly live: LiveUpdates,
    private readonly draining: Draining,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onApplicationShutdown(): void {
    this.stopObserving?.();
    this.wakeAll();
  }

  /** Calls `wake` whenever the order may have changed, until the returned function is called. Some updates may be lost. */
  receive(orderId: string, wake: Waker): () => void {
    this.stopObserving ??= this.observe();
    const wakers = this.waiting.get(orderId) ?? new Set();
    this.waiting.set(orderId, wakers.add(wake));
    return () => {
      wakers.delete(wake);
      if (wakers.size === 0 && this.waiting.get(orderId) === wakers) this.waiting.delete(orderId);
    };
  }

  /**
   * Resolves with the result of `read` once it is settled; with the current state when the time is over, when the caller has
   * disconnected, or when the service stops. Polls every quarter of a second, because updates may be lost.
   */
  async until<T extends Told>(
    orderId: string,
    { within, read, isSettled, isGone }: Wait<T>,
  ): Promise<T> {
    const end = this.clock.now().getTime() + within;
    for (;;) {
      // Subscribes before reading, so that a change during the read is not missed.
      const news = this.news(orderId, isSettled);
      const found = await read();
      const left = end - this.clock.now().getTime();
      if (isSettled(found) || left <= 0 || isGone() || this.draining.hasBegun) {
        news.forget();
        return found;
      }
      await news.within(Math.min(left, pollEvery));
    }
  }

  private news(orderId: string, isSettled: (news: Told) => boolean) {
    let wake = (): void => {};
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const forget = this.receive(orderId, (news) => {
      if (!news || isSettled(news)) wake();
    });
    return {
      forget,
      within: async (ms: number) => {
        const cancel = this.clock.after(ms, wake);
        await woken;
        cancel();
        forget();
      },
    };
  }

  private observe(): () => void {
    const forget = this.draining.onBegin(() => this.wakeAll());
    const stop = this.live.observe(
      OrderUpdated,
      ({ key, data }) => {
        for (const wake of [...(this.waiting.get(key) ?? [])]) wake(data as Told);
      },
      { onGap: () => this.wakeAll() },
    );
    return () => {
      forget();
      stop();
    };
  }

  private wakeAll(): void {
    for (const wakers of [...this.waiting.values()]) for (const wake of [...wakers]) wake();
  }
}
