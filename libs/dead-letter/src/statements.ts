import type { DeadLetterFilter } from './dead-letter.ts';

/** A condition on `dead_letter`; its parameters start at `$first`. */
export function whereOf(
  filter: DeadLetterFilter,
  first = 1,
): { readonly text: string; readonly values: readonly string[] } {
  const values: string[] = [];
  const parameter = (value: string): string => `$${first + values.push(value) - 1}`;
  const conditions = ['true'];
  if (filter.channel !== undefined) conditions.push(`channel = ${parameter(filter.channel)}`);
  if (filter.type !== undefined) conditions.push(`type = ${parameter(filter.type)}`);
  if (filter.handler !== undefined) {
    const handler = parameter(filter.handler);
    conditions.push(`(handler = ${handler} or group_name = ${handler})`);
  }
  return { text: conditions.join(' and '), values };
}

/** What is not a message can only be discarded. */
export const redrivableOnly = 'message_id is not null and not body_escaped';

/** Codes of errors that say that something did not answer, or had no room. */
const transientCodes =
  '^(unavailable|overloaded|timed_out|request_timed_out|circuit_open|bulkhead_full|E[A-Z_]+|(08|53|57)[0-9A-Z]{3})$' +
  '|_(unavailable|unreachable|silent|away|timed_out|full|not_sent)$';

/**
 * Parameters from `$4`: how often, milliseconds until the first time, and who does it. A dead letter keeps its id when its
 * message is dead-lettered again, so its audit has the earlier times.
 */
export const transientOnes = `code ~ '${transientCodes}' and exists (
    select from (
      select count(*) as times from dead_letter_audit a where a.dead_letter_id = dead_letter.id and a.done_by = $6::text
    ) done where times < $4::integer
      and dead_letter.at <= waybill_now() - $5::float8 * 2 ^ times * interval '1 millisecond'
  )`;

/**
 * Parameters: operator, edited body or null, limit, those of `condition`. A message that holds its key keeps its place and
 * count: `retry`. Any other goes to the end of its key: `redriven`. `first_at` is reset, or its time would be up at once.
 */
export const redriveStatement = (condition: string): string => `
  with chosen as (
    select * from dead_letter where ${redrivableOnly} and ${condition}
    order by seq limit $3 for update skip locked
  ), waiting as (
    insert into parked (group_name, message_id, shard, key, channel, body, attempt, first_at, due_at, reason)
    select group_name, message_id, shard, coalesce(key, ''), channel, coalesce($2::text, body), 0,
      waybill_now(), waybill_now(), 'redriven' from chosen order by seq
    on conflict (group_name, message_id) do update set body = excluded.body, attempt = 0,
      first_at = excluded.first_at, due_at = excluded.due_at, reason = 'retry', error = null
  ), seen as (
    update inbox i set outcome = 'parked' from chosen c
    where i.message_id = c.message_id and i.group_name = c.group_name
  ), audited as (
    insert into dead_letter_audit (dead_letter_id, action, done_by, original, edited_body)
    select c.id, 'redriven', $1::text, to_jsonb(c), $2::text from chosen c
  ), gone as (
    delete from dead_letter d using chosen c where d.id = c.id
  ) select id, group_name from chosen`;

/** Parameters: the operator, and the id. */
export const discardStatement = `
  with chosen as (
    select * from dead_letter where id = $2 for update
  ), held as (
    delete from parked p using chosen c
    where p.group_name = c.group_name and p.message_id = c.message_id and p.reason = 'held'
  ), seen as (
    update inbox i set outcome = 'discarded' from chosen c
    where i.message_id = c.message_id and i.group_name = c.group_name
  ), audited as (
    insert into dead_letter_audit (dead_letter_id, action, done_by, original)
    select c.id, 'discarded', $1::text, to_jsonb(c) from chosen c
  ), gone as (
    delete from dead_letter d using chosen c where d.id = c.id
  ) select id, group_name from chosen`;

/** Parameters: the operator, the id, and the reason. Returns the first body of a message that was edited and died again. */
export const readStatement = `
  with chosen as (
    select id, body, body_escaped, body_bytes from dead_letter where id = $2
  ), audited as (
    insert into dead_letter_audit (dead_letter_id, action, done_by, reason)
    select id, 'read', $1::text, $3::text from chosen
  ), first as (
    select original->>'body' as body from dead_letter_audit
    where dead_letter_id = $2 and edited_body is not null order by seq limit 1
  ) select coalesce((select body from first), body) as body, body_escaped, body_bytes from chosen`;
