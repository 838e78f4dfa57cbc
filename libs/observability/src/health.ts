export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy';

/** A value that shows how healthy the service is. */
export interface HealthCheck {
  readonly name: string;
  /** At this value the service is unhealthy, from 80 % of it degraded. */
  readonly limit: number;
  readonly unit: string;
  /** While this check fails, the service must not receive requests. */
  readonly neededToServe?: boolean;
  read(): Promise<number> | number;
}

export interface CheckReport {
  readonly name: string;
  readonly status: HealthStatus;
  readonly value: number | null;
  readonly threshold: { readonly degraded: number; readonly unhealthy: number };
  readonly unit: string;
  readonly durationMs: number;
  readonly error?: string;
}

export interface HealthReport {
  readonly service: string;
  readonly status: HealthStatus;
  readonly checks: readonly CheckReport[];
}

const degradedAt = 0.8;
const longestCheck = 1_500;
/** Health is public, so the checks run at most once per second. */
const keptMs = 1_000;
const order: readonly HealthStatus[] = ['healthy', 'degraded', 'unhealthy'];

/** The health checks of one service. */
export class Health {
  private readonly checks: HealthCheck[] = [];
  private leaving = false;
  private kept: { readonly at: number; readonly report: Promise<HealthReport> } | null = null;

  constructor(readonly service: string) {}

  add(...checks: readonly HealthCheck[]): void {
    this.checks.push(...checks);
  }

  /** Every check with its value; never rejects, and takes at most two seconds. */
  report(): Promise<HealthReport> {
    const now = performance.now();
    if (!this.kept || now - this.kept.at > keptMs) this.kept = { at: now, report: this.read() };
    return this.kept.report;
  }

  /** The service is about to stop: from now on it reports not ready. */
  leave(): void {
    this.leaving = true;
  }

  /** The failing checks that keep the service from serving. */
  async obstacles(): Promise<readonly CheckReport[]> {
    const needed = new Set(this.checks.filter((c) => c.neededToServe).map((c) => c.name));
    const { checks } = await this.report();
    const failed = checks.filter((check) => needed.has(check.name) && check.status === 'unhealthy');
    return this.leaving ? [...failed, stopping] : failed;
  }

  private async read(): Promise<HealthReport> {
    const checks = await Promise.all(this.checks.map(reportOf));
    return { service: this.service, status: worst(checks.map(({ status }) => status)), checks };
  }
}

const stopping: CheckReport = {
  name: 'stopping',
  status: 'unhealthy',
  value: 1,
  threshold: { degraded: 1, unhealthy: 1 },
  unit: 'processes',
  durationMs: 0,
};

/** The worst of several; healthy if there is none. */
export const worst = (statuses: readonly HealthStatus[]): HealthStatus =>
  statuses.reduce((a, b) => (order.indexOf(b) > order.indexOf(a) ? b : a), 'healthy');

async function reportOf(check: HealthCheck): Promise<CheckReport> {
  const started = performance.now();
  const { name, unit, limit } = check;
  const threshold = { degraded: limit * degradedAt, unhealthy: limit };
  const told = { name, unit, threshold };
  const took = () => Math.round((performance.now() - started) * 10) / 10;
  try {
    const value = await inTime(check);
    const status =
      value >= limit ? 'unhealthy' : value >= limit * degradedAt ? 'degraded' : 'healthy';
    return { ...told, status, value, durationMs: took() };
  } catch (error) {
    return {
      ...told,
      status: 'unhealthy',
      value: null,
      durationMs: took(),
      error: reasonOf(error),
    };
  }
}

/** Health is public and messages of a driver contain hosts and users, so only the error's code is shown. */
function reasonOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error) return String(error.code);
  return error instanceof Error ? error.message : 'failed';
}

async function inTime(check: HealthCheck): Promise<number> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), longestCheck);
  });
  try {
    return await Promise.race([check.read(), late]);
  } finally {
    clearTimeout(timer);
  }
}
