export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy';

/** A value that shows how healthy the service is. */
export interface HealthCheck {
  readonly name: string;
  /** At this value the service is unhealthy, from 80 % of it degraded. */
  readonly limit: number;
  readonly unit: string;
  /** While this check fails, the service must not receive requests. */
  readonly neededToServe?: boolean;
  /** At its limit the service is only degraded. */
  readonly degradesOnly?: boolean;
  /** Its status changes only after several samples, which `Health.sample` takes. */
  readonly sampled?: boolean;
  read(): Promise<number | Reading> | number | Reading;
}

/** A value, and what it is of, such as the group with the most messages. */
export interface Reading {
  readonly value: number;
  readonly about: string | null;
}

export interface CheckReport {
  readonly name: string;
  readonly status: HealthStatus;
  readonly value: number | null;
  /** `unhealthy` is null for a check that only degrades. */
  readonly threshold: { readonly degraded: number; readonly unhealthy: number | null };
  readonly unit: string;
  readonly durationMs: number;
  /** What the value is of, if it is the worst of several. */
  readonly about?: string;
  readonly error?: string;
}

const degradedAt = 0.8;
const longestCheck = 1_500;
const order: readonly HealthStatus[] = ['healthy', 'degraded', 'unhealthy'];

/** The worse of two. */
export const worseOf = (a: HealthStatus, b: HealthStatus): HealthStatus =>
  order.indexOf(b) > order.indexOf(a) ? b : a;

/** The worst of several; healthy if there is none. */
export const worst = (statuses: readonly HealthStatus[]): HealthStatus =>
  statuses.reduce(worseOf, 'healthy');

/** Reads a check once; never rejects. */
export async function reportOf(check: HealthCheck): Promise<CheckReport> {
  const started = performance.now();
  const { name, unit, limit, degradesOnly = false } = check;
  const threshold = { degraded: limit * degradedAt, unhealthy: degradesOnly ? null : limit };
  const told = { name, unit, threshold };
  const took = () => Math.round((performance.now() - started) * 10) / 10;
  try {
    const { value, about } = await inTime(check);
    const of = about === null ? {} : { about };
    return { ...told, status: statusOf(check, value), value, durationMs: took(), ...of };
  } catch (error) {
    return {
      ...told,
      status: degradesOnly ? 'degraded' : 'unhealthy',
      value: null,
      durationMs: took(),
      error: reasonOf(error),
    };
  }
}

function statusOf({ limit, degradesOnly }: HealthCheck, value: number): HealthStatus {
  if (value < limit * degradedAt) return 'healthy';
  return value < limit || degradesOnly ? 'degraded' : 'unhealthy';
}

/** Health is public and messages of a driver contain hosts and users, so only the error's code is shown. */
function reasonOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error) return String(error.code);
  return error instanceof Error ? error.message : 'failed';
}

async function inTime(check: HealthCheck): Promise<Reading> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), longestCheck);
  });
  try {
    const read = await Promise.race([check.read(), late]);
    return typeof read === 'number' ? { value: read, about: null } : read;
  } finally {
    clearTimeout(timer);
  }
}
