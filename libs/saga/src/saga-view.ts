import { masked } from '@waybill/message';
import { isNeeded } from './saga.ts';
import type { AnySaga } from './saga-registry.ts';
import { isSettled, type SagaHappening, type SagaLogEntry, type SagaState } from './saga-state.ts';

/** The progress of a step; `skipped`: its saga was aborted before it came to the step. */
export const stepStatuses = [
  'to-do',
  'waiting',
  'done',
  'failed',
  'unknown',
  'undoing',
  'undone',
  'skipped',
] as const;
export type StepStatus = (typeof stepStatuses)[number];

/** A saga as shown to operators, without personal data. */
export interface SagaView {
  readonly id: string;
  readonly saga: string;
  readonly definitionVersion: number;
  readonly key: string;
  readonly state: SagaState['status'];
  readonly step: string;
  readonly stuck: boolean;
  readonly reason: string | null;
  readonly cancelRequested: string | null;
  readonly attempts: number;
  readonly dueAt: string | null;
  readonly startedAt: string;
  readonly updatedAt: string;
  readonly steps: readonly { readonly name: string; readonly status: StepStatus }[];
  readonly log: readonly SagaLogEntry[];
  readonly data: unknown;
  /** What an operator may do in the current state. */
  readonly allowed: readonly ('retry' | 'compensate')[];
}

/** The view of a row with its log; `saga` is the definition that the row began with. */
export function sagaView(saga: AnySaga, state: SagaState, log: readonly SagaLogEntry[]): SagaView {
  const { data, phase: _, undoing: __, status, ...row } = state;
  return {
    ...row,
    state: status,
    steps: saga.steps
      .filter((step) => isNeeded(step, data))
      .map(({ name }) => ({ name, status: statusOf(name, saga, state, log) })),
    log,
    data: masked(saga.data, data),
    allowed: allowedNow(saga, state),
  };
}

const statusAfter: Partial<Record<SagaHappening, StepStatus>> = {
  sent: 'waiting',
  did: 'done',
  succeeded: 'done',
  failed: 'failed',
  'timed-out': 'unknown',
  unknown: 'unknown',
  'undo-sent': 'undoing',
  undone: 'undone',
};

function statusOf(
  name: string,
  saga: AnySaga,
  state: SagaState,
  log: readonly SagaLogEntry[],
): StepStatus {
  const lines = log.filter(({ step }) => step === name);
  if (lines.length > 0)
    return lines.reduce<StepStatus>((status, { what }) => statusAfter[what] ?? status, 'to-do');
  const isUndone = state.status === 'compensating' || state.status === 'aborted';
  return isUndone && log.length > 0 ? 'skipped' : statusWithoutLog(name, saga, state);
}

/** The log is kept as long as the journey; afterwards the status of a step is derived from the row alone. */
function statusWithoutLog(name: string, { steps }: AnySaga, state: SagaState): StepStatus {
  if (state.status === 'completed') return 'done';
  const place = (of: string) => steps.findIndex((step) => step.name === of);
  if (state.status === 'running') {
    if (name === state.step) return 'waiting';
    return place(name) < place(state.step) ? 'done' : 'to-do';
  }
  if (name === state.undoing[0]) return 'undoing';
  return state.undoing.includes(name) ? 'done' : 'undone';
}

function allowedNow(saga: AnySaga, state: SagaState): SagaView['allowed'] {
  if (isSettled(state)) return [];
  const index = saga.steps.findIndex(({ name }) => name === state.step);
  return state.status === 'running' && index < saga.pivot ? ['retry', 'compensate'] : ['retry'];
}
