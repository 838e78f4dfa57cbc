import type { Clock } from '@waybill/messaging';

/** The next change of a queue. */
export interface NextChange {
  /** Resolves at the change, after `ms`, or when the signal aborts. */
  within(ms: number, clock: Clock, signal?: AbortSignal): Promise<void>;
  /** Stops listening. */
  cancel(): void;
}

/** Who waits for changes of which queue in this process. */
export class WakeUps {
  private readonly waiting = new Map<string, Set<() => void>>();

  /** Listens from now on. */
  next(queue: string): NextChange {
    let changed = (): void => undefined;
    const change = new Promise<void>((resolve) => {
      changed = resolve;
    });
    const listeners = this.waiting.get(queue) ?? new Set();
    this.waiting.set(queue, listeners.add(changed));
    const cancel = (): void => {
      listeners.delete(changed);
    };
    return {
      cancel,
      within: async (ms, clock, signal) => {
        const forget = clock.after(ms, changed);
        signal?.addEventListener('abort', changed);
        if (signal?.aborted) changed();
        await change;
        signal?.removeEventListener('abort', changed);
        forget();
      },
    };
  }

  /** Something was added to the queue. */
  wake(queue: string): void {
    for (const changed of this.waiting.get(queue) ?? []) changed();
  }

  /** Any queue may have changed. */
  wakeAll(): void {
    for (const queue of this.waiting.keys()) this.wake(queue);
  }
}
