import { type Contract, encode, parseData } from '@waybill/message';
import type { Pool, PoolClient } from 'pg';
import {
  type AuditEntry,
  type DeadLetter,
  type DeadLetterFilter,
  type DeadLetterSummary,
  NoSuchDeadLetter,
  NotRedrivable,
  type Original,
} from './dead-letter.ts';
import {
  type BodyColumns,
  type DeadLetterRow,
  type DeadLetterSummaryRow,
  envelopeOf,
  isRedrivable,
  letterOf,
  originalOf,
  summaryColumns,
  summaryOf,
} from './dead-letter-row.ts';
import {
  discardStatement,
  readStatement,
  redrivableOnly,
  redriveStatement,
  transientOnes,
  whereOf,
} from './statements.ts';

/** Which service, in which database; without `contracts`, fields are masked only by name and edited data is unchecked. */
export interface DeadLettersOptions {
  readonly service: string;
  readonly pool: Pool;
  /** The contracts that the service subscribes to: they name sensitive fields and validate edited data. */
  readonly contracts?: readonly Contract[];
  /** Called for each group that has a message to process now. */
  readonly wake?: (group: string) => void;
}

/** The position of a dead letter in a list that is sorted from newest to oldest. */
export interface Place {
  readonly at: string;
  /** The id as in lists, with its service. */
  readonly id: string;
}

interface Chosen {
  readonly id: string;
  readonly group_name: string;
}

/** What can be redriven. A message that becomes a dead letter again gets a greater number than `last`. */
export interface Redrivable {
  readonly count: number;
  readonly last: number;
}

/** Which dead letters to redrive, and in whose name. */
export interface RedriveChoice {
  readonly filter: DeadLetterFilter;
  readonly by: string;
  readonly limit: number;
  /** Only those up to this number. */
  readonly last: number;
}

/**
 * Redrives matching dead letters in the order in which they were stored; resolves with their number. Call
 * `Messaging.wake` once the transaction of `client` is committed.
 */
export async function redriveSome(
  client: Pick<PoolClient, 'query'>,
  { filter, by, limit, last }: RedriveChoice,
): Promise<number> {
  const { text, values } = whereOf(filter, 4);
  const condition = `${text} and seq <= $${values.length + 4}`;
  const { rowCount } = await client.query(redriveStatement(condition), [
    by,
    null,
    limit,
    ...values,
    last,
  ]);
  return rowCount ?? 0;
}

/** The operator in the audit of what was redriven by itself. */
export const automatic = 'automatic';

/**
 * Redrives dead letters whose error was that something did not answer: at most `times` times each, `after` milliseconds
 * after they were stored, and after twice that each further time. Resolves with their number.
 */
export async function redriveTransient(
  client: Pick<PoolClient, 'query'>,
  { times, after }: { readonly times: number; readonly after: number },
): Promise<number> {
  const { rowCount } = await client.query(redriveStatement(transientOnes), [
    automatic,
    null,
    mostAtOnce,
    times,
    after,
    automatic,
  ]);
  return rowCount ?? 0;
}

const mostAtOnce = 500;

/**
 * The dead letters of one service. A redrive defers the message, due now, in the transaction that deletes the dead
 * letter; nothing is published. It follows the messages deferred for its key, unless it holds the key. All is audited.
 */
export class DeadLetters {
  private readonly contracts: ReadonlyMap<string, Contract>;

  constructor(private readonly options: DeadLettersOptions) {
    this.contracts = new Map((options.contracts ?? []).map((each) => [each.type, each]));
  }

  /** At most `limit` dead letters after `after`, newest first. */
  async list(
    filter: DeadLetterFilter,
    limit: number,
    after?: Place,
  ): Promise<readonly DeadLetterSummary[]> {
    const { text, values } = whereOf(filter);
    const next = after
      ? ` and (at, id) < ($${values.length + 2}, $${values.length + 3}::uuid)`
      : '';
    const { rows } = await this.options.pool.query<DeadLetterSummaryRow>(
      `select ${summaryColumns} from dead_letter where ${text}${next} order by at desc, id desc limit $${values.length + 1}`,
      [...values, limit, ...(after ? [after.at, this.placeId(after.id)] : [])],
    );
    return rows.map((row) => summaryOf(this.options.service, row));
  }

  async read(id: string): Promise<DeadLetter> {
    return letterOf(this.options.service, await this.row(id), this.contracts);
  }

  /** The original bytes, unmasked. The audit records who reads them, and why, before they are returned. */
  async original(
    id: string,
    how: { readonly by: string; readonly reason: string },
  ): Promise<Original> {
    const values = [how.by, this.uuid(id), how.reason];
    const { rows } = await this.options.pool.query<BodyColumns>(readStatement, values);
    if (!rows[0]) throw new NoSuchDeadLetter(id);
    return { base64: originalOf(rows[0]).toString('base64') };
  }

  /** `data` replaces the data of the message; throws `InvalidMessage` if it does not match the schema. */
  async redrive(id: string, how: { by: string; data?: unknown }): Promise<void> {
    const row = await this.row(id);
    if (!isRedrivable(row)) throw new NotRedrivable(id);
    const edited = how.data === undefined ? null : this.edited(id, row, how.data);
    const chosen = await this.run(redriveStatement('id = $4'), [how.by, edited, 1, row.id]);
    if (chosen.length === 0) throw new NoSuchDeadLetter(id);
  }

  /** How many matching dead letters can be redriven, and the number of the last one. */
  async redrivable(filter: DeadLetterFilter): Promise<Redrivable> {
    const { text, values } = whereOf(filter);
    const { rows } = await this.options.pool.query<{ count: string; last: string | null }>(
      `select count(*) as count, max(seq) as last from dead_letter where ${redrivableOnly} and ${text}`,
      [...values],
    );
    return { count: Number(rows[0]?.count ?? 0), last: Number(rows[0]?.last ?? 0) };
  }

  /** Discards a message permanently; if it held its key, the key continues. */
  async discard(id: string, by: string): Promise<void> {
    const chosen = await this.run(discardStatement, [by, this.uuid(id)]);
    if (chosen.length === 0) throw new NoSuchDeadLetter(id);
  }

  /** Actions after the entry `after`, oldest first, also once the letter is gone; `NoSuchDeadLetter` if it never was. */
  async audit(id: string, limit = 200, after = 0): Promise<readonly AuditEntry[]> {
    const { rows } = await this.options.pool.query(
      `select seq, action, done_by, at, edited_body is not null as edited, reason
      from dead_letter_audit where dead_letter_id = $1 and seq > $2 order by seq limit $3`,
      [this.uuid(id), after, limit],
    );
    if (rows.length === 0 && after === 0) await this.row(id);
    return rows.map(({ seq, action, done_by, at, edited, reason }) => ({
      seq: Number(seq),
      action,
      by: done_by,
      at: at.toISOString(),
      edited,
      reason,
    }));
  }

  private async run(text: string, values: readonly unknown[]): Promise<Chosen[]> {
    const { rows } = await this.options.pool.query<Chosen>(text, [...values]);
    for (const group of new Set(rows.map((row) => row.group_name))) this.options.wake?.(group);
    return rows;
  }

  private async row(id: string): Promise<DeadLetterRow> {
    const { rows } = await this.options.pool.query<DeadLetterRow>(
      'select * from dead_letter where id = $1',
      [this.uuid(id)],
    );
    if (!rows[0]) throw new NoSuchDeadLetter(id);
    return rows[0];
  }

  private edited(id: string, row: DeadLetterRow, data: unknown): string {
    const envelope = envelopeOf(row);
    if (!envelope) throw new NotRedrivable(id);
    const contract = this.contracts.get(envelope.type);
    return encode({ ...envelope, data: contract ? parseData(contract, data) : data });
  }

  private uuid(id: string): string {
    const prefix = `${this.options.service}.`;
    const uuid = id.startsWith(prefix) ? id.slice(prefix.length) : '';
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uuid)) throw new NoSuchDeadLetter(id);
    return uuid;
  }

  /** A place may come from another service, because lists of several services are merged by (at, id). */
  private placeId(id: string): string {
    const service = id.slice(0, id.lastIndexOf('.'));
    if (service === this.options.service) return this.uuid(id);
    // At equal times, services are in descending order of their names: either all of ours follow, or none.
    return service > this.options.service ? highest : lowest;
  }
}

const lowest = '00000000-0000-0000-0000-000000000000';
const highest = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
