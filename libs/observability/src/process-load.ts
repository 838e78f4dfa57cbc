import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Milliseconds. Each look wakes the process: fifty a second are a fifth of what an idle one uses, ten are next to nothing. */
const resolution = 100;
const windowMs = 5_000;

/** How late the event loop is, in milliseconds. */
export class EventLoopLag {
  private readonly delay = monitorEventLoopDelay({ resolution });
  private window = { p99: 0, max: 0 };
  private until = 0;

  constructor() {
    this.delay.enable();
  }

  /** The 99th percentile and the longest since the last window of five seconds began. */
  read(): { readonly p99: number; readonly max: number } {
    const now = performance.now();
    if (now >= this.until) {
      const late = (nanoseconds: number) => Math.max(0, Math.round(nanoseconds / 1e6 - resolution));
      const seen = this.delay.count > 0;
      this.window = {
        p99: seen ? late(this.delay.percentile(99)) : 0,
        max: seen ? late(this.delay.max) : 0,
      };
      this.until = now + windowMs;
      this.delay.reset();
    }
    return this.window;
  }
}

let ofProcess: EventLoopLag | undefined;

/** The lag of this process: it has one event loop, however many services run in it. */
export function processLag(): EventLoopLag {
  ofProcess ??= new EventLoopLag();
  return ofProcess;
}
