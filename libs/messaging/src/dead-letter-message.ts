import { derivedId, newId } from '@waybill/message';
import { batchConsumerInboxRow } from './batch-consumer-inbox-row.ts';
import type { FailedMessage } from './batch-consumer-runner.ts';
import type { Clock } from './clock.ts';
import { type Batch, BatchConflict, emptyBatch, type InboxRow, type Store } from './store.ts';

/**
 * Stores a message that a batch consumer could not write as a dead letter, once: a
 * redelivery finds it in the inbox. Resolves with the dead letters that this call stored.
 */
export async function deadLetterMessage(
  store: Store,
  service: string,
  clock: Clock,
  failedMessage: FailedMessage,
): Promise<Batch['deadLetter']> {
  const now = clock.now();
  const deadLetter = [deadRow(failedMessage, now)];
  try {
    await store.commit({
      ...emptyBatch,
      inbox: inboxRow(failedMessage, service, now),
      undefer: undeferred(failedMessage),
      deadLetter,
    });
    return deadLetter;
  } catch (error) {
    if (error instanceof BatchConflict && error.reason === 'seen') return [];
    throw error;
  }
}

function inboxRow(
  { envelope, ...failedMessage }: FailedMessage,
  service: string,
  now: Date,
): InboxRow[] {
  if (!envelope) return [];
  const { group, channel, broker, attempts: attempt, firstAt, redriven } = failedMessage;
  const end = { group, channel, broker, attempt, firstAt, first: redriven !== true };
  const sent = { ...envelope, source: envelope.source || service };
  return [batchConsumerInboxRow(sent, { ...end, outcome: 'dead' }, now)];
}

/** The deferred row of a redriven message, which is dead-lettered again. */
function undeferred({ redriven, envelope, group }: FailedMessage): Batch['undefer'] {
  return redriven && envelope ? [{ group, messageId: envelope.id }] : [];
}

function deadRow(
  { envelope, error, ...failedMessage }: FailedMessage,
  now: Date,
): Batch['deadLetter'][number] {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return {
    id: envelope ? derivedId(envelope.id, `dead/${failedMessage.group}`) : newId(now),
    group: failedMessage.group,
    messageId: envelope?.id ?? null,
    partition: failedMessage.partition,
    key: envelope?.key ?? null,
    type: envelope?.type ?? null,
    channel: failedMessage.channel,
    handler: 'batchConsumer',
    body: failedMessage.body,
    bytes: failedMessage.bytes,
    attempts: failedMessage.attempts,
    code: typeof code === 'string' ? code : 'sink_failed',
    error: error instanceof Error ? error.message : String(error),
    stack: error instanceof Error ? (error.stack ?? null) : null,
    firstAt: failedMessage.firstAt,
    at: now.toISOString(),
  };
}
