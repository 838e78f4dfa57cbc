import { derivedId, type Envelope, newId } from '@waybill/message';
import { retryDelay } from '@waybill/resilience';
import { type Decision, isRetriable } from './handler.ts';
import type { DeadRow, DeferredRow, InboxRow, Outcome } from './store.ts';
import type { Work } from './work.ts';
import { inSpan } from './work-span.ts';

/** Why and until when a message is deferred. */
export type HowDeferred = Pick<DeferredRow, 'dueAt' | 'reason' | 'error'>;

/** PostgreSQL's text cannot hold U+0000. */
const storable = (text: string): string => text.replaceAll('\u0000', '\\u0000');

/** The text of an error, as a column can hold it. */
export const errorText = (error: unknown): string =>
  storable(error instanceof Error ? error.message : String(error));

/** The code of an error; `handler_failed` without one. */
export const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error
    ? String(error.code)
    : 'handler_failed';

/** The row of a deferred message, which must be readable. */
export function deferredRow(work: Work, how: HowDeferred): DeferredRow {
  const { group, partition, channel, body, attempt, firstAt } = work;
  const { id: messageId, key } = work.envelope as Envelope;
  const { dueAt, reason, error } = how;
  return {
    group,
    messageId,
    partition,
    key,
    channel,
    body,
    attempt,
    firstAt: new Date(firstAt).toISOString(),
    dueAt,
    reason,
    error,
  };
}

/** A readable message as the cause of others: in the span of its processing. */
export const causeOf = ({ envelope, span }: Work): Envelope =>
  span ? inSpan(envelope as Envelope, span) : (envelope as Envelope);

/** The inbox row of a message. */
export function inboxRow(
  work: Work,
  envelope: Envelope,
  end: {
    readonly outcome: Outcome;
    readonly now: Date;
    readonly at: string;
    readonly notes?: readonly unknown[] | undefined;
  },
): InboxRow {
  return {
    group: work.group,
    messageId: envelope.id,
    key: envelope.key,
    type: envelope.type,
    source: envelope.source,
    correlationId: envelope.correlationId,
    causationId: envelope.causationId,
    channel: work.channel,
    broker: work.broker,
    attempt: work.attempt,
    outcome: end.outcome,
    at: end.at,
    durationMs: Math.max(0, end.now.getTime() - work.arrivedAt),
    first: work.origin.from !== 'parked',
    notes: end.notes,
  };
}

/** The external call of an applied message, as a note in the journey of its key: `[effect, durationMs]`. */
export const effect = 'effect';

export const notesOf = ({ call }: Work, { notes }: Decision): readonly unknown[] | undefined =>
  call.state === 'answered' && call.answer !== undefined
    ? [[effect, call.durationMs], ...(notes ?? [])]
    : notes;

/** The dead letter of a message that could not be processed, readable or not. */
export function deadRow(work: Work, error: unknown, now: Date): DeadRow {
  const { envelope, handler, group, partition, channel, body, bytes, firstAt } = work;
  return {
    id: envelope ? derivedId(envelope.id, `dead/${group}/${work.attempt}`) : newId(now),
    group,
    messageId: envelope?.id ?? null,
    partition,
    key: envelope?.key ?? null,
    type: envelope?.type ?? null,
    channel,
    handler: handler ? `${group}:${handler.contract.type}` : null,
    body,
    bytes,
    attempts: work.attempt,
    code: codeOf(error),
    error: errorText(error),
    stack: error instanceof Error ? (error.stack ?? null) : null,
    firstAt: new Date(firstAt).toISOString(),
    at: now.toISOString(),
  };
}

/** When the next attempt of a failed message begins, in milliseconds since the epoch; null: there is none. */
export function nextAttempt(
  { envelope, handler, attempt, firstAt }: Work,
  error: unknown,
  now: number,
  random: () => number,
): number | null {
  if (!envelope || !isRetriable(error)) return null;
  const delay = retryDelay(handler?.contract.retry ?? 'unbounded', attempt, random);
  if (delay === null) return null;
  const at = now + delay;
  const limit = handler?.options.giveUpAfter;
  return limit !== undefined && at - firstAt > limit ? null : at;
}
