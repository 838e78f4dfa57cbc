import type { Envelope } from '@waybill/message';
import type { InboxRow } from './store.ts';

/** What became of a message of a sink. */
export interface SinkEnd {
  readonly group: string;
  readonly channel: string;
  readonly broker: string;
  readonly attempt: number;
  readonly outcome: InboxRow['outcome'];
  /** Its first sight: RFC 3339. */
  readonly firstAt: string;
  /** False when the inbox knows the message already. */
  readonly first: boolean;
}

/** The inbox row of a message that a sink has written, or given up. */
export function sinkInboxRow(envelope: Envelope, end: SinkEnd, now: Date): InboxRow {
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
