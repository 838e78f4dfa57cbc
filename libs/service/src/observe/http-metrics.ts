import type { FastifyInstance } from 'fastify';
import type { Metrics } from './metrics.ts';

const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Measures every answer by method, route and status; never by path, which callers choose. */
export function measureHttp(instance: FastifyInstance, metrics: Metrics): void {
  const seconds = metrics.histogram({
    name: 'waybill_http_seconds',
    help: 'Time from the head of a request to the end of its answer',
    labelNames: ['method', 'route', 'status'] as const,
    buckets,
  });
  const series = new Map<string, ReturnType<typeof seconds.labels>>();
  instance.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    const status = String(reply.statusCode);
    const name = `${request.method} ${route} ${status}`;
    let one = series.get(name);
    if (!one) {
      one = seconds.labels(request.method, route, status);
      series.set(name, one);
    }
    one.observe(reply.elapsedTime / 1_000);
    done();
  });
}
