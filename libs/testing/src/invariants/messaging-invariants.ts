/** The database of one service, as invariants need it. */
export interface ServiceDatabase {
  readonly service: string;
  query<R>(sql: string, parameters?: unknown[]): Promise<R[]>;
}

interface Check {
  readonly says: string;
  /** Returns the rows that violate it: `what` names each. */
  readonly sql: string;
}

/** True for an id from the days that the inbox still has. */
const remembered = (id: string): string => `substr(replace(${id}::text, '-', ''), 1, 12) >= (select
  lpad(to_hex((extract(epoch from coalesce(max(at), 'epoch')) * 1000)::bigint), 12, '0') from inbox_horizon)`;

const checks: readonly Check[] = [
  {
    says: 'a message waits in the outbox',
    sql: `select coalesce(substring(body from '"type":"([^"]*)"'), body) as what from (
        select body from outbox where due_at is null or due_at <= waybill_now()
        union all select body from outbox_message) waiting`,
  },
  {
    says: 'a message is deferred forever',
    sql: `select group_name || ' ' || message_id || ' (' || reason || ')' as what from parked p
      where reason in ('asking', 'retry', 'redriven') or (reason = 'behind' and not exists (
        select from parked first where first.group_name = p.group_name and first.key = p.key
          and first.reason in ('held', 'newer')))`,
  },
  {
    says: 'the inbox and the deferred messages differ',
    sql: `select coalesce(i.message_id, p.message_id)::text as what
      from (select * from inbox where outcome = 'parked') i
      full join (select * from parked where reason <> 'held') p using (group_name, message_id)
      where (i.message_id is null or p.message_id is null) and ${remembered('message_id')}`,
  },
  {
    says: 'the inbox and the dead letters differ',
    sql: `select coalesce(i.message_id, d.message_id)::text as what
      from (select * from inbox where outcome = 'dead') i
      full join (select * from dead_letter where message_id is not null) d
        using (group_name, message_id)
      where (i.message_id is null or d.message_id is null) and ${remembered('message_id')}`,
  },
  {
    says: 'a dead letter was discarded, but the inbox does not say so',
    sql: `select original->>'message_id' as what from dead_letter_audit a where action = 'discarded'
      and original->>'message_id' is not null and ${remembered("(original->>'message_id')")} and not exists (select from inbox i
        where i.message_id = (original->>'message_id')::uuid and i.outcome = 'discarded')`,
  },
];

/** Rows and pages per query, so that the messages of a benchmark are checked in seconds. */
const rowsAtOnce = 20_000;
const pagesAtOnce = 500;

/**
 * The problems with the messages of a settled system, one sentence each: a message still waits, was
 * counted in no outcome or in two, or was received although its sender never committed it.
 */
export async function messagingInvariants(
  databases: readonly ServiceDatabase[],
): Promise<string[]> {
  const broken: string[] = [];
  for (const database of databases) {
    for (const { says, sql } of checks) {
      const rows = await database.query<{ what: string }>(sql);
      const named = rows.map(({ what }) => what);
      if (named.length > 0) broken.push(violation(database.service, says, named));
    }
    broken.push(...(await phantomsAt(database, databases)));
  }
  return broken;
}

/** One violation as a sentence with a few examples. */
export const violation = (service: string, says: string, what: readonly string[]): string =>
  `${service}: ${says} (${what.length}, such as ${what.slice(0, 5).join(', ')})`;

/** Messages whose cause was never committed by the service that sent them. */
async function phantomsAt(
  database: ServiceDatabase,
  databases: readonly ServiceDatabase[],
): Promise<string[]> {
  const phantoms: string[] = [];
  for await (const rows of receivedBy(database)) {
    for (const sender of databases) {
      const causes = rows.flatMap(({ cause, source }) =>
        cause && source === sender.service ? [cause] : [],
      );
      phantoms.push(...(await uncommitted(sender, [...new Set(causes)])));
    }
  }
  const says = 'it received messages whose cause was never committed by their sender';
  return phantoms.length > 0 ? [violation(database.service, says, phantoms)] : [];
}

interface SubscribedType {
  readonly cause: string | null;
  readonly source: string;
}

/** All messages that a service has processed: first those in its inbox, then those in pages. */
async function* receivedBy(database: ServiceDatabase): AsyncIterable<readonly SubscribedType[]> {
  for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
    const rows = await database.query<SubscribedType & { readonly id: string }>(
      `select message_id as id, causation_id as cause, source from inbox
       where key is not null and message_id > $1 group by 1, 2, 3 order by message_id limit ${rowsAtOnce}`,
      [after],
    );
    const last = rows.at(-1);
    if (!last) break;
    yield rows;
    after = last.id;
  }
  for (let after = 0; ; ) {
    const rows = await database.query<SubscribedType & { readonly page: string }>(
      `select page, r.causation_id as cause, r.source from (
         select page, body from journey_page where page > $1 order by page limit ${pagesAtOnce}
       ) p, rows_of(body) r order by page`,
      [after],
    );
    const last = rows.at(-1);
    if (!last) return;
    yield rows;
    after = Number(last.page);
  }
}

async function uncommitted(sender: ServiceDatabase, causes: readonly string[]): Promise<string[]> {
  if (causes.length === 0) return [];
  const rows = await sender.query<{ cause: string }>(
    `select cause from unnest($1::text[]) cause
      where ${remembered('cause')} and not exists (select from inbox where message_id = cause::uuid)`,
    [causes],
  );
  return rows.map(({ cause }) => `${sender.service} ${cause}`);
}
