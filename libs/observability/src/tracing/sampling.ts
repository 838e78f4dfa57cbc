/** The values of `OTEL_TRACES_SAMPLER`. */
export const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/** How it is decided whether a trace is recorded. */
export interface Sampling {
  readonly sampler: (typeof samplers)[number];
  /** The share of traces that a `traceidratio` records, from 0 to 1. */
  readonly ratio: number;
}

/**
 * Whether to record the trace of a request; `flag` is the decision of its caller, if it named a trace. A ratio decides by the
 * trace id, so every process decides alike.
 */
export function isChosen(
  { sampler, ratio }: Sampling,
  traceId: string,
  flag: boolean | undefined,
): boolean {
  if (flag !== undefined && sampler.startsWith('parentbased_')) return flag;
  if (sampler.endsWith('traceidratio'))
    return Number.parseInt(traceId.slice(-8), 16) < ratio * 2 ** 32;
  return sampler.endsWith('always_on');
}
