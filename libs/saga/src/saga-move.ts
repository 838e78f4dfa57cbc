import type { Message } from '@waybill/contracts';
import { duration } from '@waybill/resilience';
import type { Saga, Step } from './saga.ts';
import { type SagaContext, type SagaDecision, UnknownSaga } from './saga-decision.ts';
import type { SagaHappening, SagaLogEntry, SagaState } from './saga-state.ts';

const defaultNet = 15 * 60_000;
/** The net looks this many times as often for the broker's confirm as for the reply. */
const confirmLooks = 3;

/** The parts of a decision while it is made: what is next builds on it. */
export type Move<D> = SagaDecision<D>;

export const unchanged = <D>(state: SagaState<D>): Move<D> => ({ state, send: [], did: [] });

/** `move` with some fields of its state changed. */
export function change<D>(move: Move<D>, fields: Partial<SagaState<D>>): Move<D> {
  // Copied first and changed then: two spreads in one literal cost several times as much.
  return { ...move, state: Object.assign({ ...move.state }, fields) };
}

/** `move` with a line for the log. */
export function note<D>(
  move: Move<D>,
  context: SagaContext,
  what: SagaHappening,
  step: string | null,
  detail?: string,
): Move<D> {
  const at = context.now.toISOString();
  const entry: SagaLogEntry = { at, step, what, ...(detail === undefined ? {} : { detail }) };
  const noted = change(move, { updatedAt: at });
  return { ...noted, did: [...noted.did, entry] };
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
  return { ...asked, send: [...asked.send, message] };
}

/** The broker has the command: from now on the net counts. */
export const arm = <D>(saga: Saga<D>, move: Move<D>, context: SagaContext): Move<D> =>
  change(move, {
    phase: 'waiting',
    dueAt: later(context, net(stepOf(saga, move.state.step), context)),
    updatedAt: context.now.toISOString(),
  });

/** The broker does not have it yet: look again. */
export const lookAgain = <D>(saga: Saga<D>, move: Move<D>, context: SagaContext): Move<D> =>
  change(move, {
    dueAt: later(context, net(stepOf(saga, move.state.step), context) / confirmLooks),
    updatedAt: context.now.toISOString(),
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
