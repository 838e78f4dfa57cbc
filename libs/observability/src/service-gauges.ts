import type { Health } from './health.ts';
import type { HealthStatus } from './health-check.ts';
import type { Metrics } from './metrics.ts';

const statusNumbers: Readonly<Record<HealthStatus, number>> = {
  healthy: 0,
  degraded: 1,
  unhealthy: 2,
};

export interface Backlog {
  readonly waiting: number;
  readonly oldestMs: number;
}

const lagBuckets = [1, 2, 5, 10, 15, 20, 25, 50, 100, 250, 500, 1_000, 5_000, 60_000];

/** Measures how long messages wait for their broker, as reported by the relay for one message of eight. */
export function measureRelay(metrics: Metrics, takeLags: () => readonly number[]): void {
  metrics.histogram({
    name: 'waybill_relay_seconds',
    help: 'Time from the commit of a message to the confirm of its broker; a sample',
    buckets: lagBuckets.map((ms) => ms / 1_000),
    collect() {
      for (const ms of takeLags()) this.observe(ms / 1_000);
    },
  });
}

/** Gauges that are read when metrics are collected: every health check, and the messages that wait for a batch. */
export function gaugeService(metrics: Metrics, health: Health, backlog: () => Backlog): void {
  const startedAt = performance.now();
  metrics.gauge({
    name: 'waybill_check_status',
    help: 'Health checks: 0 healthy, 1 degraded, 2 unhealthy',
    labelNames: ['check'] as const,
    async collect() {
      for (const { name, status } of (await health.report()).checks) {
        this.set({ check: name }, statusNumbers[status]);
      }
    },
  });
  metrics.gauge({
    name: 'waybill_check_value',
    help: 'What the health checks have read, each in its own unit',
    labelNames: ['check', 'unit'] as const,
    async collect() {
      for (const { name, unit, value } of (await health.report()).checks) {
        if (value !== null) this.set({ check: name, unit }, value);
      }
    },
  });
  metrics.gauge({
    name: 'waybill_uptime_seconds',
    help: 'How long the service has run',
    collect() {
      this.set((performance.now() - startedAt) / 1_000);
    },
  });
  metrics.gauge({
    name: 'waybill_backlog_messages',
    help: 'Messages that wait for a batch',
    collect() {
      this.set(backlog().waiting);
    },
  });
  metrics.gauge({
    name: 'waybill_backlog_seconds',
    help: 'How long the first of them has waited',
    collect() {
      this.set(backlog().oldestMs / 1_000);
    },
  });
}
