import type { StreamEvent } from '@waybill/messaging';
import type { Saga, Step } from './saga.ts';
import type { SagaDecision, SagaInput } from './saga-decision.ts';
import { noAnswer, type SagaLogEntry } from './saga-state.ts';

/** The events of a reaction: those of its steps, in order, then that of an abort. */
export function recorded<D>(
  saga: Saga<D>,
  { did, outcome, state: row }: SagaDecision<D>,
  input: SagaInput,
  state: object,
): readonly StreamEvent[] {
  const { record } = saga;
  if (!record) return [];
  const events: StreamEvent[] = [];
  const now = () => (events.length === 0 ? state : record.fold(state, events, row.updatedAt));
  const reply = 'type' in input ? input.data : undefined;
  for (const line of did) events.push(...eventsOf(saga, line, reply, now));
  if (outcome === 'aborted')
    events.push(...(record.aborted?.(now(), row.reason ?? noAnswer) ?? []));
  return events;
}

function eventsOf<D>(
  { steps, record }: Saga<D>,
  { step: name, what, detail = '' }: SagaLogEntry,
  reply: unknown,
  now: () => object,
): readonly StreamEvent[] {
  if (what === 'cancelled') return record?.cancelled?.(now(), detail) ?? [];
  if (what === 'cancel-requested') return record?.cancelRequested?.(now(), detail) ?? [];
  const step = steps.find((each) => each.name === name);
  return step ? ofStep(step, what, reply, now()) : [];
}

function ofStep<D>(
  step: Step<D>,
  what: SagaLogEntry['what'],
  reply: unknown,
  state: object,
): readonly StreamEvent[] {
  if (what === 'succeeded' || what === 'did') return step.record?.(reply, state) ?? [];
  if (what === 'delayed') return step.recordDelay?.(reply, state) ?? [];
  return what === 'undone' ? (step.recordUndone?.(state) ?? []) : [];
}
