import type { Contract, Message } from '@waybill/contracts';
import type { Duration } from '@waybill/resilience';
import type { z } from 'zod';
import { checkSaga } from './saga.check.ts';

/** A step that asks a participant by a command and waits for its reply. */
export interface CommandStepOptions<D, S, F, U> {
  /** The command. Asked again for a resend, so it must depend on the data alone. */
  readonly send: (data: D) => Message;
  readonly succeedsOn: Contract<S>;
  /** The participant's no: nothing has happened, so this step is not undone. */
  readonly failsOn?: Contract<F>;
  /** The reason of the abort, from the participant's no; default: its `reason` field. */
  readonly reason?: (reply: F) => string;
  /** What later steps need of the reply. An undo must not need it: the reply may never come. */
  readonly remember?: (reply: S) => Partial<D>;
  readonly undo?: (data: D) => Message;
  readonly undoneOn?: Contract<U>;
  /** Its success is the point of no return. */
  readonly pivot?: true;
  /** After the pivot: repeated until it works. */
  readonly retriable?: true;
  /** The net: how long after the broker's confirm a missing reply counts as a time-out. Default 15 minutes. */
  readonly within?: Duration;
}

/** A step as the engine sees it; `send` is absent where the saga's own service acts in the same commit. */
export interface Step<D = unknown> {
  readonly name: string;
  readonly send?: (data: D) => Message;
  readonly succeedsOn?: Contract;
  readonly failsOn?: Contract;
  readonly reason?: (reply: unknown) => string;
  readonly remember?: (reply: unknown) => Partial<D>;
  readonly undo?: (data: D) => Message;
  readonly undoneOn?: Contract;
  readonly pivot: boolean;
  readonly retriable: boolean;
  readonly within?: Duration;
}

/** Makes the steps of one saga, so that each callback knows the type of the saga's data. */
export interface StepMaker<D> {
  /** A step that the saga's own service does in the same commit; it shows up in `Decision.did`. */
  (name: string): Step<D>;
  <S, F = unknown, U = unknown>(name: string, options: CommandStepOptions<D, S, F, U>): Step<D>;
}

export interface SagaOptions<D> {
  readonly name: string;
  /** Raised when steps are added, removed or reordered; rows keep the version they began with. */
  readonly version: number;
  /** Exactly what is saved between steps. */
  readonly data: z.ZodType<D>;
  /** What the saga is about (an order): its messages carry this key. */
  readonly key: (data: D) => string;
  readonly steps: (step: StepMaker<D>) => readonly Step<D>[];
  /** Messages that tell others of the end; the service adds its own from `Decision.outcome`. */
  readonly onComplete?: (data: D) => readonly Message[];
  readonly onAbort?: (data: D, reason: string) => readonly Message[];
}

/** A business process as data: steps in order, each with its undo beside it. Made by `defineSaga`. */
export interface Saga<D = unknown> {
  readonly name: string;
  readonly version: number;
  readonly data: z.ZodType<D>;
  readonly steps: readonly Step<D>[];
  /** Index of the pivot; the number of steps where there is none. */
  readonly pivot: number;
  key(data: D): string;
  onComplete(data: D): readonly Message[];
  onAbort(data: D, reason: string): readonly Message[];
}

/** Declares a saga; throws a `TypeError` that names every mistake in its steps. */
export function defineSaga<D extends object>(options: SagaOptions<D>): Saga<D> {
  const step = (name: string, given?: CommandStepOptions<D, never, never, never>): Step<D> =>
    ({ pivot: false, retriable: false, ...given, name }) as Step<D>;
  const steps = options.steps(step as StepMaker<D>);
  const pivot = steps.findIndex((each) => each.pivot);
  const saga: Saga<D> = {
    name: options.name,
    version: options.version,
    data: options.data,
    steps,
    pivot: pivot < 0 ? steps.length : pivot,
    key: options.key,
    onComplete: options.onComplete ?? (() => []),
    onAbort: options.onAbort ?? (() => []),
  };
  checkSaga(saga);
  return saga;
}

/** The replies that move a saga, each once; the service subscribes to them. */
export const hears = <D>(saga: Saga<D>): readonly Contract[] =>
  saga.steps.flatMap((step) =>
    [step.succeedsOn, step.failsOn, step.undoneOn].filter((contract) => contract !== undefined),
  );
