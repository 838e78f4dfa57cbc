import {
  type CheckReport,
  type HealthCheck,
  type HealthStatus,
  reportOf,
  worst,
} from './health-check.ts';
import { SampledCheck, type SampleRule } from './sampled-check.ts';

export interface HealthReport {
  readonly service: string;
  readonly status: HealthStatus;
  readonly checks: readonly CheckReport[];
}

/** Health is public, so the checks run at most once per second. */
const keptMs = 1_000;

/** The health checks of one service. */
export class Health {
  private readonly checks: HealthCheck[] = [];
  private readonly sampled = new Map<HealthCheck, SampledCheck>();
  private leaving = false;
  private kept: { readonly at: number; readonly report: Promise<HealthReport> } | null = null;

  constructor(
    readonly service: string,
    private readonly rule: SampleRule = { raiseAfter: 3, clearAfter: 5 },
  ) {}

  add(...checks: readonly HealthCheck[]): void {
    this.checks.push(...checks);
    for (const check of checks)
      if (check.sampled) this.sampled.set(check, new SampledCheck(check, this.rule));
  }

  /** Reads every sampled check once; never rejects. Call it again and again, at equal intervals. */
  async sample(): Promise<void> {
    await Promise.all([...this.sampled.values()].map((each) => each.sample()));
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
    const checks = await Promise.all(
      this.checks.map((check) => this.sampled.get(check)?.report() ?? reportOf(check)),
    );
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
