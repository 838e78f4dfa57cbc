import { type Message, momentText } from '@waybill/message';
import { duration } from '@waybill/resilience';
import type { Saga, Step } from './saga.ts';
import {
  type SagaContext,
  type SagaDecision,
  type SagaRefusal,
  UnknownSaga,
} from './saga-decision.ts';
import type { SagaHappening, SagaLogEntry, SagaState } from './saga-state.ts';

const defaultNet = 15 * 60_000;
/** The net looks this many times as often for the broker's confirm as for the reply. */
const confirmLooks = 3;

/**
 * A decision while it is made: what is next builds on it. Its state is a copy from the first change on, and its own, so
 * that a reaction of many steps copies it once.
 */
export interface Move<D> extends SagaDecision<D> {
  state: SagaState<D>;
  readonly before: SagaState<D>;
  readonly send: Message[];
  readonly did: SagaLogEntry[];
  outcome?: 'completed' | 'aborted';
  refused?: SagaRefusal;
}

export const unchanged = <D>(state: SagaState<D>): Move<D> => ({
  state,
  before: state,
  send: [],
  did: [],
});

/** `move`, with some fields of its state changed. */
export function change<D>(move: Move<D>, fields: Partial<SagaState<D>>): Move<D> {
  if (move.state === move.before) move.state = { ...move.before };
  Object.assign(move.state, fields);
  return move;
}

/** `move`, with a line for the log. */
export function note<D>(
  move: Move<D>,
  context: SagaContext,
  what: SagaHappening,
  step: string | null,
  detail?: string,
): Move<D> {
  const at = momentText(context.now);
  move.did.push(detail === undefined ? { at, step, what } : { at, step, what, detail });
  return change(move, { updatedAt: at });
}

/** Sends the command under way; the net first looks for its confirm. */
export function ask<D>(
  saga: Saga<D>,
  move: Move<D>,
  context: SagaContext,
  message: Message,
  again: boolean,
): Move<D> {
  if (message.contract.kind !== 'command') {
    const { type, kind } = message.contract;
    throw new TypeError(`${saga.name}/${move.state.step} sends ${type}, a ${kind}: use a command`);
  }
  const asked = change(move, {
    phase: 'sending',
    attempts: again ? move.state.attempts + 1 : 1,
    dueAt: later(context, net(stepOf(saga, move.state.step), context) / confirmLooks),
  });
  asked.send.push(message);
  return asked;
}

/** The broker has the command: from now on the net counts. */
export const arm = <D>(saga: Saga<D>, move: Move<D>, context: SagaContext): Move<D> =>
  change(move, {
    phase: 'waiting',
    dueAt: later(context, net(stepOf(saga, move.state.step), context)),
    updatedAt: momentText(context.now),
  });

/** The broker does not have it yet: look again. */
export const lookAgain = <D>(saga: Saga<D>, move: Move<D>, context: SagaContext): Move<D> =>
  change(move, {
    dueAt: later(context, net(stepOf(saga, move.state.step), context) / confirmLooks),
    updatedAt: momentText(context.now),
  });

/** The step of that name; throws `UnknownSaga` when another release began it. */
export function stepOf<D>(saga: Saga<D>, name: string): Step<D> {
  const step = saga.steps.find((each) => each.name === name);
  if (!step) throw new UnknownSaga(`step ${name} of ${saga.name} v${saga.version}`);
  return step;
}

const net = <D>(step: Step<D>, context: SagaContext): number =>
  step.within ? duration(step.within) : (context.net ?? defaultNet);

const later = (context: SagaContext, ms: number): string =>
  new Date(context.now.getTime() + Math.ceil(ms)).toISOString();
