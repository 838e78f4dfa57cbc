import type { Contract, Message } from '@waybill/message';
import type { Stream, StreamEvent } from '@waybill/messaging';
import type { Duration } from '@waybill/resilience';
import type { z } from 'zod';
import type { FailedCommand } from './failed-command.ts';
import type { SagaContext, SagaDecision } from './saga-decision.ts';

/** A step as the engine sees it; without `send` it runs in the saga's own service in the same commit. */
export interface Step<D = unknown> {
  readonly name: string;
  readonly when?: (data: D) => boolean;
  readonly send?: (data: D) => Message;
  readonly succeedsOn?: Contract;
  readonly failsOn?: Contract;
  readonly reason?: (reply: unknown) => string;
  readonly answeredBy?: (reply: unknown, data: D) => boolean;
  readonly remember?: (reply: unknown) => Partial<D>;
  readonly record?: (reply: unknown, state: object) => readonly StreamEvent[];
  readonly delayedOn?: Contract;
  readonly delayedUntil?: (notice: unknown) => string;
  readonly recordDelay?: (notice: unknown, state: object) => readonly StreamEvent[];
  readonly undo?: (data: D) => Message;
  readonly undoneOn?: Contract;
  readonly recordUndone?: (state: object) => readonly StreamEvent[];
  readonly pivot: boolean;
  readonly retriable: boolean;
  readonly within?: Duration;
  /** The version of the saga that added the step. */
  readonly since: number;
}

/** Where a saga records its steps: the events of its subject's state, whose id is the key of the saga. */
export interface SagaRecord<S extends object, E extends StreamEvent> {
  readonly stream: Stream<S, E>;
  /** The state after more events, all at one time. */
  fold(state: S, events: readonly E[], at: string): S;
  /** The messages to publish for new events; `state` already includes them. */
  publish?(state: S, events: readonly E[]): readonly Message[];
  /** Recorded when a cancel is requested that the saga can no longer carry out by itself. */
  cancelRequested?(state: S, why: string): readonly E[];
  /** Recorded when the saga accepts a cancel and starts to undo. */
  cancelled?(state: S, why: string): readonly E[];
  /** Recorded when every step is undone. */
  aborted?(state: S, reason: string): readonly E[];
}

/** A business process as data: ordered steps, each with its undo. Made by `defineSaga`. */
export interface Saga<D = unknown> {
  readonly name: string;
  readonly version: number;
  readonly data: z.ZodType<D>;
  readonly steps: readonly Step<D>[];
  /** The versions before steps were added; their rows finish without the new steps. */
  readonly earlier: readonly Saga<D>[];
  /** Index of the pivot; the number of steps if there is none. */
  readonly pivot: number;
  readonly stepFailed?: Contract<FailedCommand>;
  readonly record?: SagaRecord<object, StreamEvent>;
  key(data: D): string;
  onComplete(data: D): readonly Message[];
  onAbort(data: D, reason: string): readonly Message[];
  /** Begins the saga that cancels this one after its completion. */
  cancelWith?(data: D, why: string, context: SagaContext): SagaDecision;
  /** Begins the saga that the recorded state waits for, when this one has settled. */
  followedBy?(state: object, context: SagaContext): SagaDecision | undefined;
}

/** Whether a saga with these data has the step. */
export const isNeeded = <D>({ when }: Step<D>, data: D): boolean => when?.(data) ?? true;

/** The replies that a step waits for, and the notice that they take longer. */
export const repliesOf = <D>(step: Step<D>): Contract[] =>
  [step.succeedsOn, step.failsOn, step.delayedOn, step.undoneOn].filter(
    (contract) => contract !== undefined,
  );

/** Every message that a saga subscribes to, each once. */
export const messagesOf = <D>({ steps, stepFailed }: Saga<D>): readonly Contract[] => [
  ...steps.flatMap(repliesOf),
  ...(stepFailed ? [stepFailed as Contract] : []),
];
