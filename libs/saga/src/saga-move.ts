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
/** How many times per reply timeout the timer checks for the broker's confirm. */
const confirmLooks = 3;

/**
 * A decision that is being built up in steps. Its state is copied at the first change, so a reaction of many steps copies it
 * once.
 */
export interface Move<D> extends SagaDecision<D> {
  state: SagaState<D>;
  readonly before: SagaState<D>;
  readonly send: Message[];
  readonly did: SagaLogEntry[];
  outcome?: 'completed' | 'aborted';
  refused?: SagaRefusal;
  next?: SagaDecision;
}

export const unchanged = <D>(state: SagaState<D>): Move<D> => ({
  state,
  before: state,
  send: [],
  did: [],
});

/** Sets fields of the state of `move`, and returns it. */
export function change<D>(move: Move<D>, fields: Partial<SagaState<D>>): Move<D> {
  if (move.state === move.before) move.state = { ...move.before };
  Object.assign(move.state, fields);
  return move;
}

/** Adds a line to the log of `move`, and returns it. */
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

/** Sends the command of the current step; the timer first checks for the broker's confirm. */
export function command<D>(
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

/** The broker has confirmed the command: the reply timeout starts. */
export const arm = <D>(
  saga: Saga<D>,
  move: Move<D>,
  context: SagaContext,
  from: Date = context.now,
): Move<D> =>
  change(move, {
    phase: 'waiting',
    dueAt: later({ now: from }, net(stepOf(saga, move.state.step), context)),
    updatedAt: momentText(context.now),
  });

/** The broker has not confirmed the command yet: check again later. */
export const lookAgain = <D>(saga: Saga<D>, move: Move<D>, context: SagaContext): Move<D> =>
  change(move, {
    dueAt: later(context, net(stepOf(saga, move.state.step), context) / confirmLooks),
    updatedAt: momentText(context.now),
  });

/** The participant has received the command and replies later: the reply timeout counts from the time that its notice gives. */
export function delay<D>(
  saga: Saga<D>,
  move: Move<D>,
  context: SagaContext,
  step: Step<D>,
  notice: unknown,
): Move<D> {
  const until = new Date(step.delayedUntil?.(notice) ?? context.now);
  const delayed = note(move, context, 'delayed', step.name, until.toISOString());
  return arm(saga, delayed, context, until);
}

/** The step of that name; throws `UnknownSaga` when a different release started it. */
export function stepOf<D>(saga: Saga<D>, name: string): Step<D> {
  const step = saga.steps.find((each) => each.name === name);
  if (!step) throw new UnknownSaga(`step ${name} of ${saga.name} v${saga.version}`);
  return step;
}

const net = <D>(step: Step<D>, context: SagaContext): number =>
  step.within ? duration(step.within) : (context.net ?? defaultNet);

const later = (context: SagaContext, ms: number): string =>
  new Date(context.now.getTime() + Math.ceil(ms)).toISOString();
