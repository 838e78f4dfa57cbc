import type { Metrics } from './metrics.ts';

const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Records one response: its method, its status and how long it took. */
export type Measure = (method: string, status: number, milliseconds: number) => void;

/** Measures responses by method, route and status, never by path, because callers choose paths. */
export class HttpMetrics {
  private readonly seconds;

  constructor(metrics: Metrics) {
    this.seconds = metrics.histogram({
      name: 'waybill_http_seconds',
      help: 'Time from the head of a request to the end of its answer',
      labelNames: ['method', 'route', 'status'] as const,
      buckets,
    });
  }

  /** Resolves labels once per status of a route, because this runs for every request. */
  of(route: string): Measure {
    const series = new Map<string, Map<number, { observe(seconds: number): void }>>();
    return (method, status, milliseconds) => {
      let ofMethod = series.get(method);
      if (!ofMethod) {
        ofMethod = new Map();
        series.set(method, ofMethod);
      }
      let one = ofMethod.get(status);
      if (!one) {
        one = this.seconds.labels(method, route, String(status));
        ofMethod.set(status, one);
      }
      one.observe(milliseconds / 1_000);
    };
  }
}
