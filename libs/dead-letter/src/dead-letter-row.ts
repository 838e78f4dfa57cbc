import type { Contract, Envelope } from '@waybill/message';
import type { DeadLetter, DeadLetterSummary } from './dead-letter.ts';
import { envelopeIn, shownMessage } from './shown-message.ts';

/** A row of the table `dead_letter`. */
export interface DeadLetterRow {
  readonly id: string;
  readonly group_name: string;
  readonly message_id: string | null;
  readonly key: string | null;
  readonly type: string | null;
  readonly channel: string;
  readonly handler: string | null;
  readonly body: string;
  /** The body is the original as a JSON string, because the original cannot be stored as text. */
  readonly body_escaped: boolean;
  /** The original if it is not text; `body` is empty then. */
  readonly body_bytes: Buffer | null;
  readonly attempts: number;
  readonly code: string;
  readonly error: string;
  readonly stack: string | null;
  readonly first_at: Date;
  readonly at: Date;
}

export type BodyColumns = Pick<DeadLetterRow, 'body' | 'body_escaped' | 'body_bytes'>;

/** The columns that lists return, without the body, because a foreign body may have any size. */
export type DeadLetterSummaryRow = Omit<
  DeadLetterRow,
  'message_id' | 'body' | 'body_escaped' | 'body_bytes' | 'stack'
>;

export const summaryColumns =
  'id, group_name, key, type, channel, handler, attempts, code, error, first_at, at';

export const summaryOf = (service: string, row: DeadLetterSummaryRow): DeadLetterSummary => ({
  id: `${service}.${row.id}`,
  service,
  group: row.group_name,
  handler: row.handler,
  channel: row.channel,
  type: row.type,
  key: row.key,
  attempts: row.attempts,
  code: row.code,
  error: row.error,
  firstAt: row.first_at.toISOString(),
  at: row.at.toISOString(),
});

export function letterOf(
  service: string,
  row: DeadLetterRow,
  contracts: ReadonlyMap<string, Contract>,
): DeadLetter {
  return {
    ...summaryOf(service, row),
    ...shownMessage(textOf(row), contracts),
    stack: row.stack,
    sizeBytes: originalOf(row).length,
    redrivable: isRedrivable(row),
  };
}

export const isRedrivable = (row: DeadLetterRow): boolean =>
  row.message_id !== null && !row.body_escaped;

/** The envelope of a dead letter, or undefined if its bytes are not one. */
export const envelopeOf = (row: DeadLetterRow): Envelope | undefined => envelopeIn(textOf(row));

/** The original bytes. */
export const originalOf = (row: BodyColumns): Buffer => row.body_bytes ?? Buffer.from(textOf(row));

const textOf = ({ body, body_escaped }: BodyColumns): string =>
  body_escaped ? (JSON.parse(body) as string) : body;
