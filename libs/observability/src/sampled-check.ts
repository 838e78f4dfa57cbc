import {
  type CheckReport,
  type HealthCheck,
  type HealthStatus,
  reportOf,
  worseOf,
} from './health-check.ts';

/** How often and how long a sampled check must fail, or succeed, to change its status. */
export interface SampleRule {
  /** So many samples in a row must be bad before the status gets worse. */
  readonly raiseAfter: number;
  /** So many in a row must be good before it gets better. */
  readonly clearAfter: number;
}

/** A check that is read again and again: its status follows several samples, so that one bad moment does not change it. */
export class SampledCheck {
  private last: CheckReport | null = null;
  private shown: HealthStatus = 'healthy';
  /** The newest last. */
  private readonly recent: CheckReport[] = [];

  constructor(
    private readonly check: HealthCheck,
    private readonly rule: SampleRule,
  ) {}

  /** The status that the samples give, with the newest sample that is as bad. */
  async report(): Promise<CheckReport> {
    return this.last ?? this.sample();
  }

  /** Reads it once. */
  async sample(): Promise<CheckReport> {
    const read = await reportOf(this.check);
    this.recent.push(read);
    const { raiseAfter, clearAfter } = this.rule;
    if (this.recent.length > Math.max(raiseAfter, clearAfter)) this.recent.shift();
    const statuses = this.recent.map(({ status }) => status);
    this.shown = statusAfter(this.shown, statuses, this.rule);
    // A status that is not cleared yet must not stand beside a value that does not explain it.
    const why = this.recent.findLast(({ status }) => worseOf(this.shown, status) === status);
    this.last = { ...(why ?? read), status: this.shown };
    return this.last;
  }
}

/** The status after samples: as bad as the best of the last `raiseAfter`, and as good as the worst of the last `clearAfter`. */
export function statusAfter(
  shown: HealthStatus,
  recent: readonly HealthStatus[],
  { raiseAfter, clearAfter }: SampleRule,
): HealthStatus {
  const bad = recent.slice(-raiseAfter);
  if (bad.length === raiseAfter) {
    const raised = bad.reduce((a, b) => (worseOf(a, b) === a ? b : a));
    if (worseOf(raised, shown) !== shown) return raised;
  }
  const good = recent.slice(-clearAfter);
  if (good.length < clearAfter) return shown;
  const cleared = good.reduce(worseOf);
  return worseOf(cleared, shown) === shown ? cleared : shown;
}
