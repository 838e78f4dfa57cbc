import { createHash } from 'node:crypto';
import { quoted } from '../column-name.ts';
import type { EntityColumn, EntityTable } from '../entity-columns.ts';
import { type EntityEntries, type EntityStates, isAppendOnly, isStates } from '../entity-tables.ts';
import { told } from '../handled.ts';

/** One parameter of the generated function; `key` identifies its rows in a batch. */
export interface Section {
  readonly key: string;
  readonly type:
    | 'json'
    | 'text'
    | 'text[]'
    | 'uuid[]'
    | 'integer[]'
    | 'bigint[]'
    | 'integer'
    | 'bytea';
}

/** The generated function. Its name contains a hash of its text, so a service detects whether the database has its version. */
export interface CommitBatch {
  readonly name: string;
  readonly create: string;
  readonly call: string;
  /** By table: the properties that rows of the section `lean` omit. */
  readonly seldom: ReadonlyMap<string, readonly string[]>;
  readonly sections: readonly Section[];
}

/** Generates the SQL function that commits a batch of a service with these tables in one call. */
export function commitBatch(tables: readonly EntityTable[]): CommitBatch {
  const sorted = inOrder(tables);
  const states = sorted.filter(isStates);
  const steps: Step[] = [
    fences,
    fresh,
    ended,
    page,
    inboxFirst,
    inboxAgain,
    ...states.flatMap((table) => (table.shared ? readSteps(table, 'no key update') : [])),
    ...states.flatMap((table) => [
      insertStates(table),
      updateStates(table, 'old', []),
      ...(table.seldom.length > 0 ? [updateStates(table, 'lean', table.seldom)] : []),
    ]),
    ...states.flatMap((table) => (table.shared ? [] : readSteps(table, 'share'))),
    ...sorted.filter(isAppendOnly).map(entries),
    defer,
    undefer,
    deadLetter,
    outboxPages,
    outbox,
    confirmed,
    ...eventSteps(states),
  ];
  const sections = steps.flatMap((step) => step.sections);
  const parameters = sections.map((section, i) => `p${i} ${section.type}`).join(', ');
  const number = new Map(sections.map((section, i) => [section.key, `p${i}`]));
  const body = steps.map((step) => step.sql((key) => number.get(key) ?? '')).join('\n');
  const hash = createHash('sha256').update(parameters).update(body).digest('hex').slice(0, 12);
  const name = `commit_batch_${hash}`;
  return {
    name,
    sections,
    seldom: new Map(states.map(({ table, seldom }) => [table, seldom])),
    create: `create or replace function ${name}(${parameters}) returns bigint[]
language plpgsql set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $commit_batch$
declare
  seqs bigint[];
  n integer;
  base bigint;
begin
${body}
  return seqs;
end $commit_batch$`,
    call: `select ${name}(${sections.map(({ type }, i) => `$${i + 1}::${type}`).join(', ')}) as seqs`,
  };
}

/** Sorts by name, so the text does not depend on the order of declaration; throws when a table is declared twice. */
function inOrder(tables: readonly EntityTable[]): readonly EntityTable[] {
  const sorted = [...tables].sort((a, b) => (a.table < b.table ? -1 : 1));
  const twice = sorted.find(({ table }, i) => table === sorted[i + 1]?.table);
  if (twice) throw new TypeError(`table ${twice.table} is declared twice`);
  return sorted;
}

interface Step {
  readonly sections: readonly Section[];
  readonly sql: (parameter: (key: string) => string) => string;
}

const json = (key: string): Section => ({ key, type: 'json' });
const count = (key: string): Section => ({ key: `${key}#`, type: 'integer' });

/** A step for the rows of one section; skipped when the section is empty. */
const step = (key: string, sql: (rows: string) => string): Step => ({
  sections: [json(key)],
  sql: (p) => `  if ${p(key)} is not null then\n${sql(p(key))}\n  end if;`,
});

/** A step that must affect exactly as many rows as it receives; otherwise it runs `otherwise`. */
const exact = (key: string, sql: (rows: string) => string, otherwise: string): Step => ({
  sections: [json(key), count(key)],
  sql: (p) => `  if ${p(key)} is not null then
${sql(p(key))};
    get diagnostics n = row_count;
    if n <> ${p(`${key}#`)} then
      ${otherwise}
    end if;
  end if;`,
});

/** Uses the variable `n` of the function. */
const deletePages = (firsts: string, lasts: string): string =>
  `delete from outbox_page where seq = any(${firsts});
    get diagnostics n = row_count;
    if n <> cardinality(${firsts}) then
      delete from outbox o using unnest(${firsts}, ${lasts}) as p(first, last)
        where o.seq between p.first and p.last and o.page = p.first;
    end if;`;

const conflict = (code: string, text: string): string =>
  `raise exception '${text}' using errcode = '${code}';`;

const fences = exact(
  'fences',
  (rows) => `    perform from json_to_recordset(${rows}) as r(g text, s integer, e bigint)
      join group_shard f on f.group_name = r.g and f.shard = r.s and f.epoch = r.e
      order by f.group_name, f.shard for share of f`,
  conflict('WB002', 'another owner has the partition'),
);

/** Short column names, because inbox rows are the most frequent. */
const inboxWire =
  'g text, m uuid, k text, t text, s text, c text, p text, h text, b text, n integer, o text, a timestamptz, d integer';
const inboxColumns =
  'group_name, message_id, key, type, source, correlation_id, causation_id, channel, broker, attempt, outcome, at, duration_ms';
/** Qualified, because the function has variables with the same names. */
const qualified = (columns: string): string =>
  namesOf(columns)
    .split(', ')
    .map((name) => `r.${name}`)
    .join(', ');
const insertInbox = (rows: string): string =>
  `    insert into inbox (${inboxColumns}) select ${qualified(inboxWire)} from json_to_recordset(${rows}) as r(${inboxWire})`;
const namesOf = (columns: string): string =>
  columns
    .split(', ')
    .map((column) => column.slice(0, column.indexOf(' ')))
    .join(', ');
const insert = (table: string, columns: string, rows: string): string =>
  `    insert into ${table} (${namesOf(columns)}) select ${namesOf(columns)} from json_to_recordset(${rows}) as r(${columns})`;

/** Two columns per message; the details of all messages are one row, which is parsed only when it is read. */
const fresh: Step = {
  sections: [
    { key: 'freshIds', type: 'uuid[]' },
    { key: 'freshGroups', type: 'text[]' },
  ],
  sql: (p) => `  if ${p('freshIds')} is not null then
    insert into inbox (message_id, group_name) select * from unnest(${p('freshIds')}, ${p('freshGroups')});
  end if;`,
};
/** A deferred message that another batch has completed in the meantime must not be processed again. */
const unlessEnded = conflict('WB004', 'a deferred message has come to its end');
const ended: Step = {
  sections: [
    { key: 'endedIds', type: 'uuid[]' },
    { key: 'endedGroups', type: 'text[]' },
    count('ended'),
  ],
  sql: (p) => `  if ${p('endedIds')} is not null then
    insert into inbox (message_id, group_name) select * from unnest(${p('endedIds')}, ${p('endedGroups')})
      on conflict (message_id, group_name) do update set ${told.map((column) => `${column} = null`).join(', ')}
      where inbox.outcome = 'parked';
    get diagnostics n = row_count;
    if n <> ${p('ended#')} then
      ${unlessEnded}
    end if;
  end if;`,
};
const page: Step = {
  sections: [
    { key: 'pageKeys', type: 'integer[]' },
    { key: 'page', type: 'text' },
  ],
  sql: (p) => `  if ${p('page')} is not null then
    insert into journey_page (keys, body) values (${p('pageKeys')}, ${p('page')});
  end if;`,
};
const inboxFirst = step('inboxFirst', (rows) => `${insertInbox(rows)};`);
const inboxAgain = exact(
  'inboxAgain',
  (rows) => `${insertInbox(rows)}
      on conflict (message_id, group_name) do update
      set attempt = excluded.attempt, outcome = excluded.outcome, at = excluded.at, duration_ms = excluded.duration_ms
      where inbox.outcome = 'parked'`,
  unlessEnded,
);

/** The rows as they are sent. */
const recordOf = (columns: readonly EntityColumn[]): string =>
  columns.map(({ property, type }) => `${quoted(property)} ${type}`).join(', ');
const valuesOf = (columns: readonly EntityColumn[]): string =>
  columns.map(({ property }) => `r.${quoted(property)}`).join(', ');
const columnsOf = (columns: readonly EntityColumn[]): string =>
  columns.map(({ sql }) => sql).join(', ');

const version = conflict('WB003', 'a state moved on');

/** A unique violation detects the lost race; `on conflict` would cost a second lookup in every index. */
const insertStates = ({ table, columns }: EntityStates): Step =>
  step(
    `new:${table}`,
    (rows) => `    insert into ${quoted(table)} (${columnsOf(columns)}, version)
      select ${valuesOf(columns)}, r._version
      from json_to_recordset(${rows}) as r(${recordOf(columns)}, _version bigint);`,
  );

/** `without` names the columns that these rows leave unchanged. */
function updateStates(
  { table, columns, id }: EntityStates,
  section: string,
  without: readonly string[],
): Step {
  const sent = columns.filter(({ property }) => !without.includes(property));
  const assignments = sent
    .filter((column) => column !== id)
    .map(({ sql, property }) => `${sql} = r.${quoted(property)}`);
  return exact(
    `${section}:${table}`,
    (
      rows,
    ) => `    update ${quoted(table)} t set ${[...assignments, 'version = r._version'].join(', ')}
      from json_to_recordset(${rows}) as r(${recordOf(sent)}, _version bigint, _loaded bigint)
      where t.${id.sql} = r.${quoted(id.property)} and t.version = r._loaded`,
    version,
  );
}

/**
 * States that a decision only read. They stay locked until the commit; otherwise two decisions could each rely on what the
 * other one changes. Of states that many keys share, all of the batch are locked in one order before any is written.
 */
function readSteps(table: EntityStates, lock: 'share' | 'no key update'): Step[] {
  const id = `t.${table.id.sql}`;
  const name = quoted(table.table);
  const record = `id ${table.id.type}, v bigint`;
  return [
    exact(
      `read:${table.table}`,
      (
        rows,
      ) => `    perform from json_to_recordset(${rows}) as r(${record}) join ${name} t on ${id} = r.id and t.version = r.v
      order by ${id} for ${lock} of t`,
      version,
    ),
    step(
      `none:${table.table}`,
      (
        rows,
      ) => `    if exists (select from json_to_recordset(${rows}) as r(${record}) join ${name} t on ${id} = r.id) then
      ${version}
    end if;`,
    ),
  ];
}

const entries = ({ table, columns }: EntityEntries): Step =>
  step(
    `entry:${table}`,
    (rows) => `    insert into ${quoted(table)} (${columnsOf(columns)})
      select ${valuesOf(columns)} from json_to_recordset(${rows}) as r(${recordOf(columns)});`,
  );

const deferColumns =
  'group_name text, message_id uuid, shard integer, key text, channel text, body text, attempt integer, ' +
  'first_at timestamptz, due_at timestamptz, reason text, error text';
const defer = step(
  'park',
  (rows) => `${insert('parked', deferColumns, rows)}
      on conflict (group_name, message_id) do update
      set shard = excluded.shard, attempt = excluded.attempt, due_at = excluded.due_at, reason = excluded.reason, error = excluded.error;`,
);
const undefer = step(
  'unpark',
  (
    rows,
  ) => `    delete from parked p using json_to_recordset(${rows}) as r(group_name text, message_id uuid)
      where p.group_name = r.group_name and p.message_id = r.message_id;`,
);
const deadLetterColumns =
  'id uuid, group_name text, message_id uuid, shard integer, key text, type text, channel text, handler text, ' +
  'body text, body_escaped boolean, body_bytes bytea, attempts integer, code text, error text, stack text, first_at timestamptz, at timestamptz';
const deadLetter = step('bury', (rows) => `${insert('dead_letter', deadLetterColumns, rows)};`);

/** A page reserves one number for each of its messages, so it can be unpacked into rows at any time. */
const outboxPages: Step = {
  sections: [json('pages'), { key: 'pageBytes', type: 'bytea' }],
  sql: (p) => `  if ${p('pages')} is not null then
    with numbered as materialized (
      select row_number() over () as place, r.*,
        (select array_agg(nextval('outbox_seq_seq')) from generate_series(1, r.n)) as numbers
      from json_to_recordset(${p('pages')}) as r(b text, l bigint, n integer, h integer, s integer, z integer)
    ), added as (
      insert into outbox_page (seq, broker, lanes, seqs, head, body)
        select numbers[1], b, l, numbers, h, substring(${p('pageBytes')} from s for z) from numbered
    )
    select array_agg(number order by place, number) into seqs from numbered, unnest(numbers) number;
  end if;`,
};
const outboxColumns =
  'id uuid, broker text, lane integer, channel text, key text, due_at timestamptz, body text';
const outbox = step(
  'outbox',
  (rows) => `    with added as (
${insert('outbox', outboxColumns, rows)} returning seq
    )
    select seqs || array_agg(seq order by seq) into seqs from added;`,
);
/** Deletes the pages, and the rows of pages that were unpacked. */
const confirmed: Step = {
  sections: [
    { key: 'confirmedFirst', type: 'bigint[]' },
    { key: 'confirmedLast', type: 'bigint[]' },
  ],
  sql: (p) => `  if ${p('confirmedFirst')} is not null then
    ${deletePages(p('confirmedFirst'), p('confirmedLast'))}
  end if;`,
};

/**
 * Events come last: they lock the row of `event_head` until the commit, so a reader of positions never skips an event
 * that becomes visible later.
 */
function eventSteps(tables: readonly EntityStates[]): Step[] {
  return tables.flatMap((table) => {
    if (!table.stream) return [];
    const record = `stream_id ${table.id.type}, version bigint, type text, data jsonb, at timestamptz, message_id uuid`;
    const key = `event:${table.table}`;
    return [
      {
        sections: [json(key), count(key)],
        sql: (p: (key: string) => string) => `  if ${p(key)} is not null then
    update event_head set position = position + ${p(`${key}#`)} returning position - ${p(`${key}#`)} into base;
    insert into ${quoted(table.stream?.table ?? '')} (position, ${namesOf(record)})
      select base + row_number() over (), ${namesOf(record)} from json_to_recordset(${p(key)}) as r(${record});
  end if;`,
      },
    ];
  });
}
