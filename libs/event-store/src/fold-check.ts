import { isDeepStrictEqual } from 'node:util';
import type { Loaded, StreamEvent } from '@waybill/messaging';
import {
  type EntityColumn,
  type EntityStream,
  type EntityTable,
  quoted,
} from '@waybill/persistence';
import type { Pool, PoolClient } from 'pg';
import { folded, type StoredEvent } from './stored-event.ts';

/** A stream whose stored row is not the fold of its events. */
export interface FoldDifference {
  readonly streamId: string;
  /** The columns that differ; `row` or `events` if one of them is missing. */
  readonly properties: readonly string[];
}

/** Reads the events of several streams, ordered by stream and version. */
export type Histories<E extends StreamEvent> = (
  streamIds: readonly string[],
  on: PoolClient,
) => Promise<readonly StoredEvent<E>[]>;

interface Page {
  readonly differences: readonly FoldDifference[];
  readonly last: string | null;
}

/** Compares the stored rows of a stream with the folds of its events. */
export class FoldCheck<S extends object, E extends StreamEvent> {
  private readonly id: string;
  private readonly idType: string;

  constructor(
    private readonly stream: EntityStream<S, E>,
    private readonly pool: Pool,
    private readonly histories: Histories<E>,
  ) {
    this.id = stream.id.sql;
    this.idType = stream.id.type;
  }

  async run(pageSize: number): Promise<readonly FoldDifference[]> {
    const differences = await this.withoutRow();
    let after: string | null = null;
    for (;;) {
      const page: Page = await this.page(after, pageSize);
      differences.push(...page.differences);
      if (page.last === null) return differences;
      after = page.last;
    }
  }

  /** Reads rows and events in one snapshot, so a commit in between causes no difference. */
  private async page(after: string | null, size: number): Promise<Page> {
    const client = await this.pool.connect();
    let broken: Error | undefined;
    try {
      await client.query('begin isolation level repeatable read read only');
      const ids = await this.idsAfter(client, after, size);
      const rows = await this.rowsOf(client, ids);
      const events = byStream(await this.histories(ids, client));
      await client.query('commit');
      const differences = ids
        .map((streamId) => ({
          streamId,
          properties: this.differing(rows.get(streamId), events.get(streamId) ?? []),
        }))
        .filter(({ properties }) => properties.length > 0);
      return { differences, last: ids.length < size ? null : (ids.at(-1) ?? null) };
    } catch (error) {
      broken = error as Error;
      throw error;
    } finally {
      client.release(broken);
    }
  }

  private async idsAfter(client: PoolClient, after: string | null, size: number) {
    const { rows } = await client.query<{ id: string }>(
      `select ${this.id} id from ${quoted(this.stream.table)}
       where $1::${this.idType} is null or ${this.id} > $1 order by 1 limit $2`,
      [after, size],
    );
    return rows.map(({ id }) => id);
  }

  /** Streams that have events but no row. */
  private async withoutRow(): Promise<FoldDifference[]> {
    const { rows } = await this.pool.query<{ id: string }>(
      `select distinct stream_id id from ${quoted(this.stream.stream.table)}
       where not exists (select from ${quoted(this.stream.table)} where ${this.id} = stream_id)`,
    );
    return rows.map(({ id }) => ({ streamId: id, properties: ['row'] }));
  }

  private async rowsOf(client: PoolClient, ids: readonly string[]): Promise<Map<string, Loaded>> {
    const { rows } = await client.query<Record<string, unknown>>(
      `select ${columnsOf(this.stream)}, version "_version" from ${quoted(this.stream.table)}
       where ${this.id} = any($1::${this.idType}[])`,
      [ids],
    );
    return new Map(
      rows.map(({ _version, ...row }) => {
        const value = rowValue(this.stream, row);
        return [String(value[this.stream.id.property]), { value, version: Number(_version) }];
      }),
    );
  }

  private differing(row: Loaded | undefined, events: readonly StoredEvent<E>[]): string[] {
    const rebuilt = folded(this.stream, events);
    if (!row || !rebuilt) return ['events'];
    const stored = { ...row.value, version: row.version } as Record<string, unknown>;
    const expected: Record<string, unknown> = {
      ...rowValue(this.stream, rebuilt.state as Record<string, unknown>),
      version: rebuilt.version,
    };
    return [...this.stream.columns.map(({ property }) => property), 'version'].filter(
      (property) => !isDeepStrictEqual(stored[property], expected[property]),
    );
  }
}

function byStream<E extends StreamEvent>(
  events: readonly StoredEvent<E>[],
): Map<string, StoredEvent<E>[]> {
  const streams = new Map<string, StoredEvent<E>[]>();
  for (const event of events) {
    const stream = streams.get(event.streamId);
    if (stream) stream.push(event);
    else streams.set(event.streamId, [event]);
  }
  return streams;
}

/** The declared columns, with their properties as names. */
const columnsOf = ({ columns }: EntityTable): string =>
  columns.map(({ sql, property }) => `${sql} "${property}"`).join(', ');

/** The declared properties of a row or a state, normalized so that both can be compared. */
const rowValue = (
  { columns }: EntityTable,
  row: Readonly<Record<string, unknown>>,
): Record<string, unknown> =>
  Object.fromEntries(columns.map(({ property, type }) => [property, plain(row[property], type)]));

function plain(value: unknown, type: EntityColumn['type']): unknown {
  if (value === null || value === undefined) return null;
  if (type === 'timestamptz') return new Date(value as string | Date).toISOString();
  if (type === 'bigint' || type === 'integer') return Number(value);
  return type === 'jsonb' ? JSON.parse(JSON.stringify(value)) : value;
}
