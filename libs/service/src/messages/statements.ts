import type { DeferredRow, Outcome } from '@waybill/messaging';

export interface OutboxRow {
  readonly channel: string;
  readonly body: string;
  readonly at: Date;
  readonly due_at: Date | null;
}

export interface DeferredMessageRow {
  readonly seq: string;
  readonly group_name: string;
  readonly message_id: string;
  readonly shard: number;
  readonly key: string;
  readonly channel: string;
  readonly body: string;
  readonly attempt: number;
  readonly reason: DeferredRow['reason'];
  readonly error: string | null;
  readonly first_at: Date;
  readonly due_at: Date | null;
}

export interface DeadLetterRow {
  readonly id: string;
  readonly group_name: string;
  readonly shard: number;
  readonly type: string | null;
  readonly channel: string;
  readonly attempts: number;
  readonly error: string;
  readonly at: Date;
}

/** Only the names are not null of a message that was applied at once. */
export interface InboxRow {
  readonly group_name: string;
  readonly key: string | null;
  readonly type: string | null;
  readonly channel: string | null;
  readonly attempt: number | null;
  readonly outcome: Outcome | null;
  readonly at: Date | null;
}

/** Parameter: the id. A body begins with the id of its message, wherever else that id occurs. */
export const outboxOf = `select channel, body, at, due_at from outbox where id = $1
  union all select channel, body, at, null from outbox_message
  where substring(body from '"id":"([0-9a-f-]{36})"') = $1::text`;

/** Parameters: the groups of the service, and the id. */
export const deferredOf = 'select * from parked where group_name = any($1) and message_id = $2';

/** Parameters: a group or null, the number after which to begin, and how many. */
export const deferredMessages = `select * from parked
  where ($1::text is null or group_name = $1) and seq > $2 order by seq limit $3`;

/** Parameter: the id. */
export const deadLetterOf = `select id, group_name, shard, type, channel, attempts, error, at
  from dead_letter where message_id = $1 order by seq`;

const inboxColumns = 'group_name, key, type, channel, attempt, outcome, at';

/** Parameter: the id. */
export const inboxOf = `select ${inboxColumns} from inbox where message_id = $1 order by group_name`;

/**
 * Parameters: the id, and when it was made. Looks at the pages of the ten minutes after that; a message that was processed
 * later is known, without its details.
 */
export const handledAround = `select ${inboxColumns} from (
    select r.* from journey_page p, rows_of(p.body) r
    where p.at between $2::timestamptz - interval '1 minute' and $2::timestamptz + interval '10 minutes'
      and position($1::text in p.body) > 0
  ) found where message_id = $1::uuid`;
