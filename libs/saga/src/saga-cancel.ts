import type { Saga } from './saga.ts';
import type { SagaContext } from './saga-decision.ts';
import { change, type Move, note } from './saga-move.ts';

/** Begins the saga that cancels this one, which has just completed, if a cancel was requested meanwhile. */
export function cancelCompleted<D>(saga: Saga<D>, move: Move<D>, context: SagaContext): Move<D> {
  const { data, cancelRequested: why } = move.state;
  const next = why === null ? undefined : saga.cancelWith?.(data, why, context);
  if (next) move.next = next;
  return move;
}

/** A cancel of a settled saga: nothing is left to cancel after an abort, and a completed saga is cancelled once. */
export function cancelSettled<D>(
  saga: Saga<D>,
  move: Move<D>,
  why: string,
  context: SagaContext,
): Move<D> {
  const { status, cancelRequested } = move.state;
  if (status !== 'completed' || cancelRequested !== null || !saga.cancelWith) return move;
  const requested = note(move, context, 'cancel-requested', null, why);
  return cancelCompleted(saga, change(requested, { cancelRequested: why }), context);
}
