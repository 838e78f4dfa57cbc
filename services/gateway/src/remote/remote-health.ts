import type { HealthReport } from '@waybill/observability';
import type { Replica, Replicas } from './replicas.ts';
import { get } from './service-door.ts';

const patience = 2_000;

/** The health of each replica of a service. One that does not respond is unhealthy, or degraded while others serve. */
export async function healthOfReplicas(
  service: string,
  { all }: Replicas,
): Promise<readonly HealthReport[]> {
  const reports = await Promise.all(all.map((replica) => reportOf(replica)));
  const isServed = reports.some((report) => report !== null);
  return reports.map((report, i) => report ?? away(service, all[i]?.url ?? '', isServed));
}

async function reportOf(replica: Replica): Promise<HealthReport | null> {
  try {
    const { status, text } = await get(replica, '/health', patience);
    return status === 200 || status === 503 ? (JSON.parse(text) as HealthReport) : null;
  } catch {
    return null;
  }
}

const away = (service: string, url: string, isServed: boolean): HealthReport => ({
  service,
  status: isServed ? 'degraded' : 'unhealthy',
  checks: [
    {
      name: 'reachable',
      status: isServed ? 'degraded' : 'unhealthy',
      value: 1,
      threshold: { degraded: 1, unhealthy: 1 },
      unit: 'processes away',
      durationMs: 0,
      error: `${new URL(url).host} does not answer`,
    },
  ],
});

/** What keeps every replica of a service from serving; empty while one can serve. */
export async function obstaclesOf({ all }: Replicas): Promise<readonly string[]> {
  const found = await Promise.all(all.map((replica) => obstacleOf(replica)));
  return found.includes(null) ? [] : found.flatMap((each) => each ?? []);
}

async function obstacleOf(replica: Replica): Promise<string | null> {
  try {
    const { status, text } = await get(replica, '/health/ready', patience);
    if (status === 200) return null;
    const { detail } = JSON.parse(text) as { detail?: string };
    return detail ?? `answers ${status}`;
  } catch {
    return `${new URL(replica.url).host} does not answer`;
  }
}
