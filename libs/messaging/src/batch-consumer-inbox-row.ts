import type { Envelope } from '@waybill/message';
import type { InboxRow } from './store.ts';

/** The outcome of a message of a batch consumer. */
export interface BatchConsumerEnd {
  readonly group: string;
  readonly channel: string;
  readonly broker: string;
  readonly attempt: number;
  readonly outcome: InboxRow['outcome'];
  /** When it was first received: RFC 3339. */
  readonly firstAt: string;
  /** False if the inbox has the message already. */
  readonly first: boolean;
}

/** The inbox row of a message that a batch consumer has written or given up. */
export function batchConsumerInboxRow(
  envelope: Envelope,
  end: BatchConsumerEnd,
  now: Date,
): InboxRow {
  const { id: messageId, key, type, source, correlationId, causationId } = envelope;
  const { firstAt, ...rest } = end;
  return {
    ...rest,
    messageId,
    key,
    type,
    source,
    correlationId,
    causationId,
    at: now.toISOString(),
    durationMs: Math.max(0, now.getTime() - Date.parse(firstAt)),
  };
}
