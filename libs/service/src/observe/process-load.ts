import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How late the event loop of this process was lately, in milliseconds. One watch serves all services of a process. */
export class EventLoopLag {
  private readonly delay = monitorEventLoopDelay({ resolution: 20 });
  private window = { p99: 0, max: 0, until: 0 };

  constructor() {
    this.delay.enable();
  }

  /** The 99th percentile and the longest of the last window of five seconds or more. */
  read(): { readonly p99: number; readonly max: number } {
    const now = performance.now();
    if (now >= this.window.until) {
      const ms = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - 20);
      const seen = this.delay.count > 0;
      this.window = {
        p99: seen ? ms(this.delay.percentile(99)) : 0,
        max: seen ? ms(this.delay.max) : 0,
        until: now + 5_000,
      };
      this.delay.reset();
    }
    return this.window;
  }

  stop(): void {
    this.delay.disable();
  }
}
