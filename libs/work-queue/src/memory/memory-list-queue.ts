import type { Clock } from '@waybill/messaging';
import { ListQueue, longestPop } from '../list-queue.ts';
import type { WakeUps } from '../wake-ups.ts';

/** A list queue in this process. */
export class MemoryListQueue extends ListQueue {
  private values: string[] = [];

  constructor(
    name: string,
    private readonly clock: Clock,
    private readonly changes: WakeUps,
  ) {
    super(name);
  }

  async push(values: readonly string[]): Promise<void> {
    this.values = [...this.values, ...values];
    this.changes.wake(this.name);
  }

  async pop(wait = 0): Promise<string | undefined> {
    if (this.values.length === 0 && wait > 0) {
      const change = this.changes.next(this.name);
      await change.within(Math.min(wait, longestPop), this.clock);
      change.cancel();
    }
    return this.values.shift();
  }

  async size(): Promise<number> {
    return this.values.length;
  }
}
