/** A health check that is not healthy. */
export interface BadCheck {
  readonly name: string;
  readonly status: 'degraded' | 'unhealthy';
  readonly value: number | null;
  readonly threshold: { readonly degraded: number; readonly unhealthy: number | null };
  readonly unit: string;
  readonly about?: string | undefined;
  /** How many observations of this gateway in a row did not get its value; absent if the value is known. */
  readonly unknownFor?: number | undefined;
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

/** So many observations in a row, as many as the samples that raise a check: one slow query or one lost answer is no alert. */
const certainAfter = 3;

/** Whether its value is known to be bad, or has been unknown for so long that this is bad itself. */
export const isCertain = ({ unknownFor }: BadCheck): boolean =>
  unknownFor === undefined || unknownFor >= certainAfter;

/** The next observation of a gateway, with how often in a row each value was unknown. */
export const observedAfter = (before: Observation | null, next: Observation): Observation => ({
  ...next,
  processes: next.processes.map((process, at) => {
    // A gateway reports the processes in the same order, so that the restarts of two replicas are not added up.
    const last = before?.processes[at];
    const known = last?.service === process.service ? last.bad : [];
    const unknownFor = (name: string) =>
      1 + (known.find((check) => check.name === name)?.unknownFor ?? 0);
    const bad = process.bad.map((check) =>
      check.value === null || !process.answered
        ? { ...check, unknownFor: unknownFor(check.name) }
        : check,
    );
    return { ...process, bad };
  }),
});
