import { derivedId, newId } from '@waybill/message';
import type { Clock } from './clock.ts';
import { sinkInboxRow } from './sink-inbox-row.ts';
import type { Sunken } from './sink-runner.ts';
import { type Batch, BatchConflict, emptyBatch, type InboxRow, type Store } from './store.ts';

/**
 * Stores a message that a batch consumer could not write as a dead letter, once: a
 * redelivery finds it in the inbox. Resolves with the dead letters that this call stored.
 */
export async function burySunken(
  store: Store,
  service: string,
  clock: Clock,
  sunken: Sunken,
): Promise<Batch['bury']> {
  const now = clock.now();
  const bury = [deadRow(sunken, now)];
  try {
    await store.commit({
      ...emptyBatch,
      inbox: inboxRow(sunken, service, now),
      unpark: unparked(sunken),
      bury,
    });
    return bury;
  } catch (error) {
    if (error instanceof BatchConflict && error.reason === 'seen') return [];
    throw error;
  }
}

function inboxRow({ envelope, ...sunken }: Sunken, service: string, now: Date): InboxRow[] {
  if (!envelope) return [];
  const { group, channel, broker, attempts: attempt, firstAt, redriven } = sunken;
  const end = { group, channel, broker, attempt, firstAt, first: redriven !== true };
  const sent = { ...envelope, source: envelope.source || service };
  return [sinkInboxRow(sent, { ...end, outcome: 'dead' }, now)];
}

/** The deferred row of a redriven message, which is dead-lettered again. */
function unparked({ redriven, envelope, group }: Sunken): Batch['unpark'] {
  return redriven && envelope ? [{ group, messageId: envelope.id }] : [];
}

function deadRow({ envelope, error, ...sunken }: Sunken, now: Date): Batch['bury'][number] {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return {
    id: envelope ? derivedId(envelope.id, `dead/${sunken.group}`) : newId(now),
    group: sunken.group,
    messageId: envelope?.id ?? null,
    shard: sunken.shard,
    key: envelope?.key ?? null,
    type: envelope?.type ?? null,
    channel: sunken.channel,
    handler: 'sink',
    body: sunken.body,
    bytes: sunken.bytes,
    attempts: sunken.attempts,
    code: typeof code === 'string' ? code : 'sink_failed',
    error: error instanceof Error ? error.message : String(error),
    stack: error instanceof Error ? (error.stack ?? null) : null,
    firstAt: sunken.firstAt,
    at: now.toISOString(),
  };
}
