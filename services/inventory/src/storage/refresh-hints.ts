import type { ListQueue } from '@waybill/work-queue';

/** Milliseconds that a worker waits in Redis for a hint, and after a failure. */
const patience = 250;
const rest = 1_000;

/**
 * Hints that an entry which customers read expires soon. One process takes each and loads the entry again. A lost hint does no harm: the
 * next reader brings another, or loads the entry itself.
 */
export class RefreshHints {
  /** What this process has hinted within the last second. */
  private readonly given = new Set<string>();
  private ended = false;
  private working: Promise<void> | null = null;
  private wake: () => void = () => undefined;

  constructor(
    private readonly queue: ListQueue,
    private readonly refresh: (sku: string) => Promise<void>,
  ) {}

  give(sku: string): void {
    if (this.given.has(sku) || this.ended) return;
    this.given.add(sku);
    setTimeout(() => this.given.delete(sku), rest).unref();
    this.queue.push([sku]).catch(() => undefined);
  }

  /** Takes hints until `stop`; may be called again. */
  work(): void {
    this.working ??= this.take();
  }

  async stop(): Promise<void> {
    this.ended = true;
    this.wake();
    await this.working;
  }

  private async take(): Promise<void> {
    while (!this.ended) {
      try {
        const sku = await this.queue.pop(patience);
        if (sku !== undefined) await this.refresh(sku);
      } catch {
        await this.pause();
      }
    }
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, rest);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.ended) this.wake();
    });
  }
}
