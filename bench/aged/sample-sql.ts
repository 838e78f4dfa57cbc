/** How a column of a copy is derived from that of the sample. */
export type ColumnKind = 'same' | 'id' | 'text' | 'numbered' | 'time' | 'place' | 'hashes';

export interface Column {
  readonly name: string;
  /** As SQL writes it. */
  readonly type: string;
  readonly kind: ColumnKind;
  /** The columns of each unique index that it is part of. */
  readonly uniques: readonly (readonly string[])[];
  /** Of a text: the highest number of ids in one value. */
  readonly ids?: number;
}

/** A table that grows with the number of orders. */
export interface GrowingTable {
  readonly name: string;
  readonly columns: readonly Column[];
}

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

/**
 * SQL functions for copies. Copy `n` of an id is the same new id everywhere, in all databases; it begins with the
 * time of the copy. A text is stored as its parts, every second of which is an id. (Inlined, as all in them is immutable.)
 */
export const functions = [
  'create schema sample',
  `create function sample.parts(value text) returns text[] language sql immutable as $$
    select string_to_array(regexp_replace(value, '${uuid}', E'\\x01\\\\&\\x01', 'g'), E'\\x01') $$`,
  `create function sample.id(value uuid, n bigint, stamp text) returns uuid language sql immutable as $$
    select (stamp || '7800' || lpad(to_hex(uuid_hash_extended(value, n)), 16, '0'))::uuid $$`,
  `create function sample.hashes(value integer[], n bigint) returns integer[] language sql immutable as $$
    select case when value is not null then
      array(select (hashint8extended(each, n) & 2147483647)::integer from unnest(value) each) end $$`,
];

/** Stores the rows that transactions from `since` on wrote to a table, if they contain an id; pages are always stored. */
export function takeSample({ name, columns }: GrowingTable, since: string): string {
  const kept = columns.map(({ name: column, kind }) => {
    const value = `t.${quoted(column)}`;
    return kind === 'place' ? `row_number() over (order by ${value}) ${quoted(column)}` : value;
  });
  const isPage = columns.some(({ kind }) => kind === 'hashes');
  const ofOrders = isPage ? '' : `and to_jsonb(t)::text ~ '${uuid}'`;
  return `create table sample.${quoted(name)} as select ${kept.join(', ')} from public.${quoted(name)} t
    where t.xmin::text::bigint >= ${since} ${ofOrders}`;
}

/** A query with the highest number of ids per value, one column for each text of the sample. */
export const countIds = ({ name, columns }: GrowingTable): string =>
  `select ${textsOf(columns)
    .map((column) => `coalesce(max(regexp_count(${column}::text, '${uuid}')), 0) ${column}`)
    .join(', ')} from sample.${quoted(name)}`;

/** Splits the texts of the sample at their ids. */
export const splitTexts = ({ name, columns }: GrowingTable): string =>
  `alter table sample.${quoted(name)} ${textsOf(columns)
    .map((column) => `alter ${column} type text[] using sample.parts(${column}::text)`)
    .join(', ')}`;

const textsOf = (columns: readonly Column[]): string[] =>
  columns.filter(({ kind }) => kind === 'text').map(({ name }) => quoted(name));

/**
 * Adds copies $1 to $2 of the sample. Neighbouring copies are $3 milliseconds apart, the last is $3 before the sample, and $4 is
 * the current time, for new ids. Counting columns continue downwards from zero, where there are no rows.
 */
export function copySample({ name, columns }: GrowingTable, rows: number, copies: number): string {
  const values = columns.map((column) => copied(column, rows, copies));
  return `insert into public.${quoted(name)} (${columns.map((each) => quoted(each.name)).join(', ')})
    select ${values.join(', ')} from (
      select n, back, lpad(to_hex($4::bigint - back), 12, '0') as stamp
      from (select n, (${copies} - n + 1) * $3::bigint as back from generate_series($1::bigint, $2::bigint) n) b offset 0
    ) copy cross join lateral (select * from sample.${quoted(name)} where copy.n > 0 offset 0) t`;
}

function copied({ name, type, kind, ids = 0 }: Column, rows: number, copies: number): string {
  const value = `t.${quoted(name)}`;
  if (kind === 'id') return `sample.id(${value}, n, stamp)`;
  if (kind === 'text') return `${joined(value, ids)}::${type}`;
  if (kind === 'numbered') return `${value} || '-' || n`;
  if (kind === 'time') return `${value} - back * interval '1 ms'`;
  if (kind === 'hashes') return `sample.hashes(${value}, n)`;
  return kind === 'place' ? `${value} - (${copies} - n + 1) * ${rows}` : value;
}

function joined(parts: string, ids: number): string {
  const rest = Array.from({ length: ids }, (_, i) => {
    const [id, text] = [`${parts}[${2 * i + 2}]`, `${parts}[${2 * i + 3}]`];
    return `sample.id(${id}::uuid, n, stamp), ${text}`;
  });
  return `case when ${parts} is not null then concat(${[`${parts}[1]`, ...rest].join(', ')}) end`;
}

/** The same table with its indexes, without the rows of some transactions. */
export const withoutCopies = (name: string, transactions: readonly string[]): readonly string[] => [
  `create table recent.${quoted(name)} (like public.${quoted(name)} including indexes)`,
  `insert into recent.${quoted(name)} select * from public.${quoted(name)}
    where xmin::text <> all ('{${transactions.join(',')}}')`,
  `analyze recent.${quoted(name)}`,
];

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** What PostgreSQL's catalogue contains about a column. */
export interface CatalogueColumn {
  readonly table: string;
  readonly name: string;
  readonly type: string;
  /** PostgreSQL computes its values. */
  readonly generated: boolean;
  /** The columns of each unique index that it is part of. */
  readonly uniques: readonly (readonly string[])[];
}

const kinds: Readonly<Record<string, ColumnKind>> = {
  uuid: 'id',
  text: 'text',
  'character varying': 'text',
  json: 'text',
  jsonb: 'text',
  'timestamp with time zone': 'time',
  'integer[]': 'hashes',
};

/** The columns that a copy must fill. */
export function columnsOf(all: readonly CatalogueColumn[]): Column[] {
  return all
    .filter(({ generated }) => !generated)
    .map(({ name, type, uniques }) => {
      const alone = type === 'bigint' && uniques.some((columns) => columns.length === 1);
      return { name, type, uniques, kind: alone ? 'place' : (kinds[type] ?? 'same') };
    });
}

/** A text with more ids is a page of many orders, which no query searches; it is copied unchanged and so has the same size. */
const mostIds = 8;

/** The columns once the number of ids is known: texts without ids are copied unchanged, or numbered where they must be unique. */
export function withIds(
  columns: readonly Column[],
  ids: Readonly<Record<string, number>>,
): Column[] {
  const idsOf = (name: string): number => {
    const count = ids[name] ?? 0;
    return count > mostIds ? 0 : count;
  };
  const differs = new Set(
    columns
      .filter(({ name, kind }) => /^(id|place)$/.test(kind) || (kind === 'text' && idsOf(name) > 0))
      .map(({ name }) => name),
  );
  return columns.map((column) => {
    if (column.kind !== 'text') return column;
    const count = idsOf(column.name);
    if (count > 0) return { ...column, ids: count };
    const mustDiffer = column.uniques.some((names) => !names.some((name) => differs.has(name)));
    return { ...column, kind: mustDiffer ? 'numbered' : 'same' };
  });
}
