/** A sample of a Prometheus histogram. */
interface Sample {
  readonly value: number;
  readonly metricName?: string;
  readonly labels: Readonly<Partial<Record<string, string | number>>>;
}

/** How long things took, as a histogram: the sums of several processes can be added up. */
export class DurationSums {
  constructor(
    readonly count: number,
    readonly sumSeconds: number,
    /** How many took at most so many seconds, ascending; the last limit may be Infinity, in JSON null. */
    readonly buckets: readonly (readonly [limit: number | null, count: number])[],
  ) {}

  static readonly none = new DurationSums(0, 0, []);

  /** From the samples of one series of a histogram. */
  static from(samples: readonly Sample[]): DurationSums {
    const one = (end: string) =>
      samples.find(({ metricName }) => metricName?.endsWith(end))?.value ?? 0;
    const buckets = samples.flatMap(({ labels: { le }, value }) =>
      le === undefined ? [] : [[le === '+Inf' ? null : Number(le), value] as const],
    );
    return new DurationSums(one('_count'), one('_sum'), buckets);
  }

  /** Both together; they must have the same limits, or one of them none. */
  plus(other: Pick<DurationSums, 'count' | 'sumSeconds' | 'buckets'>): DurationSums {
    const [longer, shorter] =
      this.buckets.length >= other.buckets.length ? [this, other] : [other, this];
    const buckets = longer.buckets.map(
      ([limit, count], i) => [limit, count + (shorter.buckets[i]?.[1] ?? 0)] as const,
    );
    return new DurationSums(this.count + other.count, this.sumSeconds + other.sumSeconds, buckets);
  }

  /** What came since `earlier`, of the same process. */
  since(earlier: DurationSums): DurationSums {
    const before = new Map(earlier.buckets);
    return new DurationSums(
      this.count - earlier.count,
      this.sumSeconds - earlier.sumSeconds,
      this.buckets.map(([limit, count]) => [limit, count - (before.get(limit) ?? 0)]),
    );
  }

  /** Milliseconds; null if nothing was measured. */
  average(): number | null {
    return this.count === 0 ? null : (this.sumSeconds / this.count) * 1_000;
  }

  /** Milliseconds within which this share of all was done, estimated within its bucket; null if nothing was measured. */
  percentile(share: number): number | null {
    if (this.count === 0) return null;
    const wanted = share * this.count;
    let [lower, before] = [0, 0];
    for (const [limit, count] of this.buckets) {
      if (count >= wanted && limit !== null)
        return (lower + ((limit - lower) * (wanted - before)) / (count - before)) * 1_000;
      // Whatever took longer than the greatest limit took at least as long.
      if (limit === null) break;
      [lower, before] = [limit, count];
    }
    return lower * 1_000;
  }
}
