import { type Clock } from '@waybill/messaging';
import type { Confirm } from './confirm.ts';

interface Task {
  readonly due: number;
  readonly run: () => void;
  readonly confirm: Confirm | null;
}

/** Delayed messages, with one timer for all of them. */
export class TimedTasks {
  /** Latest first, so that the next one due is taken from the end. */
  readonly #tasks: Task[] = [];
  #armed: { readonly due: number; readonly cancel: () => void } | null = null;

  constructor(private readonly clock: Clock) {}

  get size(): number {
    return this.#tasks.length;
  }

  add(ms: number, confirm: Confirm | null, run: () => void): void {
    const due = this.clock.now().getTime() + ms;
    let low = 0;
    let high = this.#tasks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#tasks[middle] as Task).due > due) low = middle + 1;
      else high = middle;
    }
    this.#tasks.splice(low, 0, { due, run, confirm });
    this.#arm();
  }

  /** Discards all of them and reports them to their senders as failed. */
  abandon(error: Error): void {
    this.#armed?.cancel();
    this.#armed = null;
    for (const { confirm } of this.#tasks.splice(0)) confirm?.fail(error);
  }

  #arm(): void {
    const next = this.#tasks.at(-1);
    if (!next || (this.#armed && this.#armed.due <= next.due)) return;
    this.#armed?.cancel();
    const wait = Math.max(0, next.due - this.clock.now().getTime());
    this.#armed = { due: next.due, cancel: this.clock.after(wait, () => this.#runDue()) };
  }

  #runDue(): void {
    this.#armed = null;
    const now = this.clock.now().getTime();
    for (let next = this.#tasks.at(-1); next && next.due <= now; next = this.#tasks.at(-1)) {
      this.#tasks.pop();
      next.run();
    }
    this.#arm();
  }
}
