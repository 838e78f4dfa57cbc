import type { Clock } from '@waybill/messaging';

/** Timers by name: setting a timer again cancels the previous one. */
export class Timers {
  private readonly set = new Map<string, () => void>();
  private closed = false;

  constructor(private readonly clock: Clock) {}

  has(name: string): boolean {
    return this.set.has(name);
  }

  after(name: string, ms: number, run: () => void): void {
    this.set.get(name)?.();
    if (this.closed) return;
    const forget = this.clock.after(ms, () => {
      this.set.delete(name);
      run();
    });
    this.set.set(name, forget);
  }

  /** Runs again `ms` after each run ends. */
  repeat(name: string, ms: number, run: () => Promise<void>): void {
    this.after(name, ms, () => void run().finally(() => this.repeat(name, ms, run)));
  }

  close(): void {
    this.closed = true;
    for (const forget of this.set.values()) forget();
    this.set.clear();
  }
}
