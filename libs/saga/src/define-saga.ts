import type { Contract, Message } from '@waybill/message';
import type { StreamEvent } from '@waybill/messaging';
import type { Duration } from '@waybill/resilience';
import type { z } from 'zod';
import type { FailedCommand } from './failed-command.ts';
import { checkSaga } from './saga.check.ts';
import type { Saga, SagaRecord, Step } from './saga.ts';
import type { SagaContext, SagaDecision } from './saga-decision.ts';

/** A step that sends a command to a participant and waits for its reply. */
export interface CommandStepOptions<D, R, F, U, S, E, L = unknown> {
  /**
   * Whether this saga needs the step; default: always. A step that it does not need is left out, and is not undone. The data that it
   * depends on must not change while the saga runs.
   */
  readonly when?: (data: D) => boolean;
  /** Makes the command. It is called again for a resend, so it must depend on the data alone. */
  readonly send: (data: D) => Message;
  readonly succeedsOn: Contract<R>;
  /**
   * The participant's refusal: nothing has happened there, so this step is not undone. After the pivot nothing is undone either:
   * the saga is stuck until an operator has mended the cause.
   */
  readonly failsOn?: Contract<F>;
  /** The reason of the abort, from the refusal; default: its `reason` field. */
  readonly reason?: (reply: F) => string;
  /**
   * Whether a reply is about this command, for a saga that runs several times for one key: a late reply of an earlier run is
   * ignored. Default: every reply is.
   */
  readonly answeredBy?: (reply: unknown extends F ? R : R | F, data: D) => boolean;
  /** What later steps need of the reply. An undo must not need it, because the reply may never arrive. */
  readonly remember?: (reply: R) => Partial<D>;
  /** The events that the success of the step adds to the state of the saga's `record`. */
  readonly record?: (reply: R, state: S) => readonly E[];
  /** The participant's notice that its reply takes longer, for example because a customer must act first. */
  readonly delayedOn?: Contract<L>;
  /** Until when, from the notice: the reply timeout counts from this time. */
  readonly delayedUntil?: (notice: L) => string;
  /** The events that the notice adds. */
  readonly recordDelay?: (notice: L, state: S) => readonly E[];
  readonly undo?: (data: D) => Message;
  readonly undoneOn?: Contract<U>;
  /** The events that the undo of the step adds. */
  readonly recordUndone?: (state: S) => readonly E[];
  /** The success of this step is the point of no return. */
  readonly pivot?: true;
  /** After the pivot: retried until it succeeds. */
  readonly retriable?: true;
  /** The version of the saga that added the step; rows that began earlier finish without it. Default 1. */
  readonly since?: number;
  /** The reply timeout: how long after the broker's confirm a missing reply counts as timed out. Default 15 minutes. */
  readonly within?: Duration;
}

/**
 * Makes the steps of one saga, so that each callback knows the type of its data. A step that is a function, or has no options,
 * runs in the saga's own service in the same commit; the function returns the events that the step adds.
 */
export type StepMaker<D, S = object, E = StreamEvent> = <R, F = unknown, U = unknown, L = unknown>(
  name: string,
  step?: CommandStepOptions<D, R, F, U, S, E, L> | ((state: S) => readonly E[]),
) => Step<D>;

export interface SagaOptions<D, S extends object, E extends StreamEvent> {
  readonly name: string;
  /** Raise it when steps are added (`since`), removed or reordered; rows keep the version they began with. */
  readonly version: number;
  /** Exactly what is stored between steps. */
  readonly data: z.ZodType<D>;
  /** The id of the saga's subject: its messages carry this key. */
  readonly key: (data: D) => string;
  /** The reply by which participants report that a command of the saga is a dead letter (`SagaModule.forParticipant`). */
  readonly stepFailed?: Contract<FailedCommand>;
  /** Where steps record what they did. */
  readonly record?: SagaRecord<S, E>;
  readonly steps: (step: StepMaker<D, S, E>) => readonly Step<D>[];
  /** Messages to publish when the saga completes or aborts. */
  readonly onComplete?: (data: D) => readonly Message[];
  readonly onAbort?: (data: D, reason: string) => readonly Message[];
  /**
   * Begins another saga of the same key, which cancels this one after its completion: in the commit that completes it if a cancel was
   * requested before, else in that of the request.
   */
  readonly cancelWith?: (data: D, why: string, context: SagaContext) => SagaDecision;
  /**
   * Begins the saga that the state of the `record` waits for, in the commit that settles this one; undefined if it waits for none. A
   * cancel that was requested goes first.
   */
  readonly followedBy?: (state: S, context: SagaContext) => SagaDecision | undefined;
}

type OwnRecord = (state: object) => readonly StreamEvent[];

/**
 * Declares a saga; throws a `TypeError` that lists every mistake in its steps. A step with `since` leaves earlier versions
 * unchanged: rows that began with them finish without the step.
 */
export function defineSaga<
  D extends object,
  S extends object = object,
  E extends StreamEvent = StreamEvent,
>(options: SagaOptions<D, S, E>): Saga<D> {
  const step = (name: string, given?: OwnRecord | object): Step<D> => {
    const own = typeof given === 'function' ? (given as OwnRecord) : undefined;
    const parts = own ? { record: (_: unknown, state: object) => own(state) } : given;
    return { pivot: false, retriable: false, since: 1, ...parts, name };
  };
  const steps = options.steps(step as StepMaker<D, S, E>);
  const versions = new Set(steps.map(({ since }) => since - 1).filter((version) => version > 0));
  const earlier = [...versions].map((version) => versionOf(options, steps, version));
  const saga = versionOf(options, steps, options.version, earlier);
  const [late] = steps.filter((each) => !saga.steps.includes(each));
  if (late)
    throw new TypeError(
      `saga ${saga.name}: ${late.name} has since: ${late.since}, but the version of the saga is ${saga.version}: raise it`,
    );
  return saga;
}

function versionOf<D extends object, S extends object, E extends StreamEvent>(
  options: SagaOptions<D, S, E>,
  all: readonly Step<D>[],
  version: number,
  earlier: readonly Saga<D>[] = [],
): Saga<D> {
  const { name, data, key, stepFailed, record, onComplete, onAbort } = options;
  const { cancelWith, followedBy } = options;
  const steps = all.filter(({ since }) => since <= version);
  const pivot = steps.findIndex((each) => each.pivot);
  const saga: Saga<D> = {
    name,
    version,
    data,
    key,
    steps,
    earlier,
    pivot: pivot < 0 ? steps.length : pivot,
    ...(stepFailed ? { stepFailed } : {}),
    ...(record ? { record: record as unknown as NonNullable<Saga['record']> } : {}),
    onComplete: onComplete ?? (() => []),
    onAbort: onAbort ?? (() => []),
    ...(cancelWith ? { cancelWith } : {}),
    ...(followedBy ? { followedBy: followedBy as NonNullable<Saga['followedBy']> } : {}),
  };
  checkSaga(saga);
  return saga;
}
