import type { Health, HealthStatus } from './health.ts';
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

/** Numbers that are read when somebody asks for them: every health check, and what waits for a batch. */
export function gaugeService(metrics: Metrics, health: Health, backlog: () => Backlog): void {
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
    name: 'waybill_backlog_messages',
    help: 'Messages in hand that no batch has taken yet',
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
