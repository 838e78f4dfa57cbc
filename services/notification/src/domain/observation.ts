/** A health check that is not healthy. */
export interface BadCheck {
  readonly name: string;
  readonly status: 'degraded' | 'unhealthy';
  readonly value: number | null;
  readonly threshold: { readonly degraded: number; readonly unhealthy: number | null };
  readonly unit: string;
  readonly about?: string | undefined;
}

/** The health of one process, as a gateway has seen it. */
export interface ObservedProcess {
  readonly service: string;
  /** False if it did not answer: then nothing is known of its other checks. */
  readonly answered: boolean;
  readonly bad: readonly BadCheck[];
}

/** What one gateway has seen at a moment. */
export interface Observation {
  readonly source: string;
  readonly at: string;
  readonly processes: readonly ObservedProcess[];
}
