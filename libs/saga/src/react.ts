import { type Message, momentText } from '@waybill/message';
import type { FailedCommand } from './failed-command.ts';
import { isNeeded, type Saga, type Step } from './saga.ts';
import { cancelCompleted, cancelSettled } from './saga-cancel.ts';
import type { SagaContext, SagaDecision, SagaInput, SagaRefusal } from './saga-decision.ts';
import {
  arm,
  change,
  command,
  delay,
  lookAgain,
  type Move,
  note,
  stepOf,
  unchanged,
} from './saga-move.ts';
import { cancelled, isSettled, noAnswer, type SagaState, sagaId } from './saga-state.ts';

/** Starts a saga. Its first command is sent in the transaction that stores its row. */
export function begin<D extends object>(
  saga: Saga<D>,
  data: D,
  context: SagaContext,
): SagaDecision<D> {
  const at = momentText(context.now);
  const key = saga.key(data);
  const state: SagaState<D> = {
    id: sagaId(saga, key),
    saga: saga.name,
    definitionVersion: saga.version,
    key,
    status: 'running',
    step: saga.steps[0]?.name ?? '',
    phase: 'sending',
    reason: null,
    data: saga.data.parse(data),
    undoing: [],
    dueAt: null,
    attempts: 0,
    stuck: false,
    cancelRequested: null,
    startedAt: at,
    updatedAt: at,
  };
  return enter(saga, unchanged(state), context, 0);
}

/** Applies `input` to the saga. Late and repeated inputs change nothing. */
export function react<D extends object>(
  saga: Saga<D>,
  state: SagaState<D>,
  input: SagaInput,
  context: SagaContext,
): SagaDecision<D> {
  const move = unchanged(state);
  if (isSettled(state)) return onSettled(saga, move, input, context);
  stepOf(saga, state.step);
  if ('type' in input) return onReply(saga, move, context, input);
  if ('cancel' in input) return onCancel(saga, move, context, input.cancel);
  if ('retry' in input) return resend(saga, move, context, 'asked by an operator');
  if ('compensate' in input) return onCompensate(saga, move, context, input.compensate);
  if ('stepFailed' in input) return onStepFailed(saga, move, context, input.stepFailed);
  return onTimer(saga, move, context, input);
}

function onReply<D extends object>(
  saga: Saga<D>,
  move: Move<D>,
  context: SagaContext,
  reply: { readonly type: string; readonly data: unknown },
): Move<D> {
  const { state } = move;
  if (reply.type === saga.stepFailed?.type)
    return onStepFailed(saga, move, context, reply.data as FailedCommand);
  const step = stepOf(saga, state.step);
  if (state.status === 'compensating') {
    if (reply.type !== step.undoneOn?.type) return move;
    const undone = note(move, context, 'undone', step.name);
    return undoNext(saga, undone, context, state.undoing.slice(1));
  }
  if (step.answeredBy?.(reply.data, state.data) === false) return move;
  if (reply.type === step.succeedsOn?.type) return succeed(saga, move, context, step, reply.data);
  if (reply.type === step.delayedOn?.type) return delay(saga, move, context, step, reply.data);
  if (reply.type !== step.failsOn?.type) return move;
  const reason = reasonOf(step, reply.data);
  const failed = note(move, context, 'failed', step.name, reason);
  return step.retriable
    ? change(failed, { stuck: true })
    : abort(saga, failed, context, reason, false);
}

function succeed<D extends object>(
  saga: Saga<D>,
  move: Move<D>,
  context: SagaContext,
  step: Step<D>,
  reply: unknown,
): Move<D> {
  const learned = step.remember?.(reply);
  const data = learned ? saga.data.parse({ ...move.state.data, ...learned }) : move.state.data;
  const done = note(change(move, { data }), context, 'succeeded', step.name);
  return enter(saga, done, context, saga.steps.indexOf(step) + 1);
}

/** Continues at `index`: runs the service's own steps up to the next command, or to the end. */
function enter<D>(saga: Saga<D>, move: Move<D>, context: SagaContext, index: number): Move<D> {
  let here = change(move, { stuck: false });
  for (const step of saga.steps.slice(index)) {
    if (!isNeeded(step, here.state.data)) continue;
    here = change(here, { step: step.name });
    if (step.send) {
      const message = step.send(here.state.data);
      const sent = note(here, context, 'sent', step.name);
      return command(saga, sent, context, message, false);
    }
    here = note(here, context, 'did', step.name);
  }
  const completed = settle(here, context, 'completed', saga.onComplete(here.state.data));
  return cancelCompleted(saga, completed, context);
}

/** Undoes the completed steps, last first. With `included` the current step is undone too, because it may have happened. */
function abort<D>(
  saga: Saga<D>,
  move: Move<D>,
  context: SagaContext,
  reason: string,
  included: boolean,
): Move<D> {
  const index = saga.steps.findIndex((step) => step.name === move.state.step);
  const undoing = saga.steps
    .slice(0, included ? index + 1 : index)
    .filter((step) => step.undo && isNeeded(step, move.state.data))
    .map((step) => step.name)
    .reverse();
  const aborting = change(move, { status: 'compensating', reason, stuck: false });
  return undoNext(saga, aborting, context, undoing);
}

function undoNext<D>(
  saga: Saga<D>,
  move: Move<D>,
  context: SagaContext,
  undoing: readonly string[],
): Move<D> {
  const [name] = undoing;
  const here = change(move, { undoing, stuck: false });
  if (name === undefined) {
    const reason = here.state.reason ?? noAnswer;
    return settle(here, context, 'aborted', saga.onAbort(here.state.data, reason));
  }
  const noted = note(change(here, { step: name }), context, 'undo-sent', name);
  return command(saga, noted, context, commandUnderWay(saga, noted.state), false);
}

function settle<D>(
  move: Move<D>,
  context: SagaContext,
  outcome: 'completed' | 'aborted',
  messages: readonly Message[],
): Move<D> {
  const detail = move.state.reason ?? undefined;
  const settled = note(move, context, outcome, null, detail);
  settled.send.push(...messages);
  settled.outcome = outcome;
  return change(settled, { status: outcome, phase: 'settled', dueAt: null, stuck: false });
}

function onTimer<D>(
  saga: Saga<D>,
  move: Move<D>,
  context: SagaContext,
  timer: Extract<SagaInput, { readonly dueAt?: string }>,
): Move<D> {
  const { state } = move;
  const [step, dueAt] = [
    'timedOut' in timer
      ? timer.timedOut
      : 'confirmed' in timer
        ? timer.confirmed
        : timer.unconfirmed,
    timer.dueAt,
  ];
  const stale = dueAt !== undefined && Date.parse(dueAt) !== Date.parse(state.dueAt ?? '');
  if (stale || step !== state.step) return move;
  if ('confirmed' in timer) return state.phase === 'sending' ? arm(saga, move, context) : move;
  if ('unconfirmed' in timer) return lookAgain(saga, move, context);
  if (!canAbort(saga, state)) {
    return resend(saga, change(move, { stuck: true }), context, 'no answer');
  }
  return abort(saga, note(move, context, 'timed-out', step), context, noAnswer, true);
}

function onStepFailed<D>(
  saga: Saga<D>,
  move: Move<D>,
  context: SagaContext,
  failed: FailedCommand,
): Move<D> {
  const { state } = move;
  if (commandUnderWay(saga, state).contract.type !== failed.command) return move;
  const unknown = note(
    move,
    context,
    'unknown',
    state.step,
    failed.error.slice(0, 300).toWellFormed(),
  );
  if (canAbort(saga, state)) return abort(saga, unknown, context, noAnswer, true);
  return change(unknown, { stuck: true });
}

function onCancel<D>(saga: Saga<D>, move: Move<D>, context: SagaContext, why: string): Move<D> {
  const { state } = move;
  if (canAbort(saga, state)) {
    const called = note(move, context, 'cancelled', state.step, why);
    return abort(saga, called, context, cancelled, true);
  }
  if (state.status === 'compensating' || state.cancelRequested !== null) return move;
  const requested = note(move, context, 'cancel-requested', state.step, why);
  return change(requested, { cancelRequested: why });
}

function onCompensate<D>(
  saga: Saga<D>,
  move: Move<D>,
  context: SagaContext,
  reason: string,
): Move<D> {
  const { state } = move;
  if (state.status === 'compensating') return move;
  if (canAbort(saga, state)) {
    const told = note(move, context, 'compensated', state.step, reason);
    return abort(saga, told, context, reason, true);
  }
  return refuse(move, {
    code: 'past_point_of_no_return',
    detail: `${state.id} is at ${state.step}: it can only go forward, unless that is refused`,
  });
}

function resend<D>(saga: Saga<D>, move: Move<D>, context: SagaContext, detail?: string): Move<D> {
  const again = note(move, context, 'resent', move.state.step, detail);
  return command(saga, again, context, commandUnderWay(saga, move.state), true);
}

/** A running saga can be aborted until its pivot is sent; after that, only a refusal of the pivot aborts it. */
const canAbort = <D>(saga: Saga<D>, state: SagaState<D>): boolean =>
  state.status === 'running' &&
  saga.steps.findIndex((step) => step.name === state.step) < saga.pivot;

/** The command whose reply an unsettled saga waits for. */
export function commandUnderWay<D>(saga: Saga<D>, state: SagaState<D>): Message {
  const step = stepOf(saga, state.step);
  const make = state.status === 'compensating' ? step.undo : step.send;
  if (!make) throw new TypeError(`${state.id} has no message for ${state.step}`);
  return make(state.data);
}

function reasonOf<D>(step: Step<D>, reply: unknown): string {
  if (step.reason) return step.reason(reply);
  const found = (reply as { reason?: unknown } | null)?.reason;
  return typeof found === 'string' ? found : `${step.name} failed`;
}

function onSettled<D>(
  saga: Saga<D>,
  move: Move<D>,
  input: SagaInput,
  context: SagaContext,
): Move<D> {
  if ('cancel' in input) return cancelSettled(saga, move, input.cancel, context);
  if (!('retry' in input || 'compensate' in input)) return move;
  const { id, status } = move.state;
  return refuse(move, { code: 'saga_settled', detail: `${id} is ${status} already` });
}

function refuse<D>(move: Move<D>, refused: SagaRefusal): Move<D> {
  move.refused = refused;
  return move;
}
