export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy';

/** Something whose size says how well the service is. */
export interface HealthCheck {
  readonly name: string;
  /** At the limit the service is unhealthy, from 80 % of it degraded. */
  readonly limit: number;
  readonly unit: string;
  /** Without it the service must get no requests. */
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
/** Health is public: however often it is asked, the checks run once a second. */
const keptMs = 1_000;
const order: readonly HealthStatus[] = ['healthy', 'degraded', 'unhealthy'];

/** The checks of one service. */
export class Health {
  private readonly checks: HealthCheck[] = [];
  private leaving = false;
  private kept: { readonly at: number; readonly report: Promise<HealthReport> } | null = null;

  constructor(readonly service: string) {}

  add(...checks: readonly HealthCheck[]): void {
    this.checks.push(...checks);
  }

  /** Every check with its value; never rejects, and never takes longer than two seconds. */
  report(): Promise<HealthReport> {
    const now = performance.now();
    if (!this.kept || now - this.kept.at > keptMs) this.kept = { at: now, report: this.read() };
    return this.kept.report;
  }

  /** It will stop: from now on it must get no requests. */
  leave(): void {
    this.leaving = true;
  }

  /** The checks without which it cannot serve, and that fail. */
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

/** The worst of several; healthy without any. */
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

/** Health is public, and messages of a driver name hosts and users: its code must do. */
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
