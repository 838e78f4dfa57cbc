import { effect, signal } from '@preact/signals';
import type { Schemas } from '@waybill/client';
import { repeat } from '../lib/repeat.ts';
import { api, user } from '../lib/session.ts';
import { outcomeOf } from './call.ts';
import { History } from './history.ts';
import { readHealth, type SystemHealth } from './system-health.ts';

export type ServiceHealth = SystemHealth['services'][number];

export const health = signal<SystemHealth | null>(null);
/** Of all messages of the system. */
export const metrics = signal<Schemas['MetricsSummary'] | null>(null);
export const stuckSagas = signal<number | undefined>(undefined);
/** Why the figures are not up to date. */
export const trouble = signal<string | null>(null);
/** Services that did not answer. */
export const missing = signal<readonly string[]>([]);

export const work = new History(['backlog']);
export const oldest = new History(['oldest']);
export const failures = new History(['failed']);

async function readMetrics(): Promise<void> {
  const { data, trouble: why } = await outcomeOf(api.GET('/api/v1/metrics/summary'));
  trouble.value = why;
  if (!data) return;
  metrics.value = data;
  missing.value = data.missing;
  work.add({ backlog: data.totals.depth });
  oldest.add({ oldest: data.totals.oldestMs });
  failures.add({ failed: 1 - data.totals.successRate });
}

async function readState(): Promise<void> {
  health.value = await readHealth();
  const query = { state: 'stuck', limit: 200 } as const;
  const { data } = await outcomeOf(api.GET('/api/v1/sagas', { params: { query } }));
  stuckSagas.value = data?.items.length ?? stuckSagas.value;
}

/**
 * The sum of one check over all services; those of a service with several processes are the same. Null if it is not known, and
 * undefined before health has been read.
 */
export function totalOf(name: string): number | null | undefined {
  if (!health.value) return undefined;
  const values = new Map<string, number | null>();
  for (const { service, checks } of health.value.services)
    for (const check of checks) if (check.name === name) values.set(service, check.value);
  if (values.size === 0) return null;
  return [...values.values()].reduce<number | null>(
    (sum, value) => (sum === null || value === null ? null : sum + value),
    0,
  );
}

effect(() => {
  if (!user.value) return;
  const ends = [repeat(readMetrics, 2_000), repeat(readState, 3_000)];
  return () => {
    for (const end of ends) end();
  };
});
