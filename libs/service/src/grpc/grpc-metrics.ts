import type { Metrics } from '@waybill/observability';

const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Records one ended call: its path, its status, and how long it took. */
export type MeasureCall = (path: string, status: string, milliseconds: number) => void;

/** Measures gRPC calls by method and status. */
export function grpcMetrics(metrics: Metrics): MeasureCall {
  const seconds = metrics.histogram({
    name: 'waybill_grpc_seconds',
    help: 'Time from the head of a gRPC call to its status; for a stream, its whole life',
    labelNames: ['method', 'status'] as const,
    buckets,
  });
  return (path, status, milliseconds) =>
    seconds.labels(path.slice(1), status).observe(milliseconds / 1_000);
}
