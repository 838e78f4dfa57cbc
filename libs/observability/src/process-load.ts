import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Milliseconds. Each sample wakes the process: fifty per second are a fifth of an idle process's CPU, ten are almost nothing. */
const resolution = 100;
const windowMs = 5_000;

/** The delay of the event loop, in milliseconds. */
export class EventLoopLag {
  private readonly delay = monitorEventLoopDelay({ resolution });
  private window = { p99: 0, max: 0 };
  private until = 0;

  constructor() {
    this.delay.enable();
  }

  /** The 99th percentile and the maximum since the current window of five seconds began. */
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

/** The lag of this process, which has one event loop, however many services run in it. */
export function processLag(): EventLoopLag {
  ofProcess ??= new EventLoopLag();
  return ofProcess;
}
