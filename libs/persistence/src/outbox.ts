import { type Envelope, type Message, newId } from '@waybill/message';
import { type Clock, EnvelopeWrapper, type OutboxRow } from '@waybill/messaging';
import type { DataSource, EntityManager, EntitySubscriberInterface, QueryRunner } from 'typeorm';
import type { OutboxRelay } from './relay/outbox-relay.ts';

/** Something was added outside a transaction, so that it and the change it belongs to could not commit together. */
export class TransactionRequired extends Error {
  readonly code = 'transaction_required';
  readonly retriable = false;
  constructor(reason: string, call = 'outbox.add') {
    super(
      `${call} ${reason}: pass the EntityManager that dataSource.transaction() hands to its callback`,
    );
    this.name = 'TransactionRequired';
  }
}

export interface OutboxOptions {
  readonly service: string;
  readonly dataSource: DataSource;
  readonly relay: Pick<OutboxRelay, 'route' | 'announce' | 'written' | 'isExclusive'>;
  readonly clock: Clock;
}

/** What one open transaction has added so far. */
interface Added {
  /** The message whose handler runs in the transaction; null outside a handler. */
  readonly cause: Envelope | null;
  readonly group: string;
  readonly correlationId: string;
  readonly rows: { readonly broker: string; readonly lane: number; readonly seq: number }[];
  readonly live: Envelope[];
  count: number;
}

/** Class of the advisory locks on keys, which separates them from other advisory locks. */
const keyLocks = 7_221_409;

/**
 * Stores messages in the caller's own transaction, so they are published if and only if it commits. The commit itself
 * wakes the relay.
 */
export class Outbox {
  private readonly wrapper: EnvelopeWrapper;
  private readonly open = new WeakMap<QueryRunner, Added>();
  private readonly subscriber: EntitySubscriberInterface = {
    afterTransactionCommit: ({ queryRunner }) => this.ended(queryRunner, true),
    afterTransactionRollback: ({ queryRunner }) => this.ended(queryRunner, false),
  };
  private subscribed = false;

  constructor(private readonly options: OutboxOptions) {
    this.wrapper = new EnvelopeWrapper(options);
  }

  /**
   * Stores messages in the transaction of `manager`. Messages with the same key are published in the order in which
   * their transactions commit, because `add` waits for an open transaction that has added one with this key: add those of several keys in one call, since
   * transactions that add the same keys one by one, in another order, can deadlock. Throws
   * `TransactionRequired` outside a transaction, and `MessageTooLarge`.
   */
  async add(manager: EntityManager, messages: Message | readonly Message[]): Promise<void> {
    const runner = this.runnerOf(manager);
    const added = this.addedIn(runner);
    const wrapped = this.wrap([messages].flat() as readonly Message[], added);
    for (const { envelope, row } of wrapped) if (!row) added.live.push(envelope);
    const rows = wrapped.flatMap(({ row }) => row ?? []);
    if (rows.length > 0) added.rows.push(...(await store(manager, rows)));
  }

  /** Sets `cause` as the cause of all messages that are added in the transaction of `runner`. */
  setCause(runner: QueryRunner, cause: Envelope, group: string): void {
    const { correlationId } = cause;
    this.remember(runner, { cause, group, correlationId, rows: [], live: [], count: 0 });
  }

  private runnerOf(manager: EntityManager): QueryRunner {
    const { dataSource, relay } = this.options;
    if (relay.isExclusive)
      throw new TypeError(
        'outbox.add needs a relay that shares the outbox: leave `exclusive` out of the options of PersistenceModule',
      );
    if (manager?.dataSource !== dataSource)
      throw new TransactionRequired('needs a manager of the data source that the outbox is in');
    const { queryRunner } = manager;
    if (queryRunner?.isTransactionActive) return queryRunner;
    throw new TransactionRequired('was called outside a transaction');
  }

  private addedIn(runner: QueryRunner): Added {
    const known = this.open.get(runner);
    if (known) return known;
    const correlationId = newId(this.options.clock.now());
    return this.remember(runner, {
      cause: null,
      group: '',
      correlationId,
      rows: [],
      live: [],
      count: 0,
    });
  }

  private remember(runner: QueryRunner, added: Added): Added {
    if (!this.subscribed) this.options.dataSource.subscribers.push(this.subscriber);
    this.subscribed = true;
    this.open.set(runner, added);
    return added;
  }

  private wrap(messages: readonly Message[], added: Added) {
    const { cause, group, correlationId, count } = added;
    const now = this.options.clock.now();
    added.count += messages.length;
    if (cause)
      return this.wrapper.wrap(messages, { cause, group, now, sequence: null, from: count });
    return messages.map((message, index) => {
      const id = count + index === 0 ? correlationId : newId(now);
      return this.wrapper.first(message, { cause: { id, correlationId, traceparent: null }, now });
    });
  }

  /** Also called for savepoints. Live messages are best effort, so a rolled-back savepoint drops all of them. */
  private ended(runner: QueryRunner, committed: boolean): void {
    const added = this.open.get(runner);
    if (!committed && added) added.live.length = 0;
    if (!added || runner.isTransactionActive) return;
    this.open.delete(runner);
    if (!committed) return;
    this.options.relay.written(added.rows);
    if (added.live.length > 0) this.options.relay.announce(added.live);
  }
}

async function store(manager: EntityManager, rows: readonly OutboxRow[]): Promise<Added['rows']> {
  const keys = [...new Set(rows.map(({ key }) => key))].sort();
  // Relays rely on it that a transaction has an id before it takes numbers of the outbox.
  await manager.query(
    `select pg_current_xact_id(), pg_advisory_xact_lock(${keyLocks}, hashtext(key)) from unnest($1::text[]) key`,
    [keys],
  );
  const columns = rows.map(({ id, broker, outboxPartition, channel, key, dueAt, body }) => ({
    id,
    broker,
    lane: outboxPartition,
    channel,
    key,
    due_at: dueAt,
    body,
  }));
  const stored: { seq: string; broker: string; lane: number }[] = await manager.query(
    `insert into outbox (id, broker, lane, channel, key, due_at, body)
    select id, broker, lane, channel, key, due_at, body from json_to_recordset($1)
      as r(id uuid, broker text, lane integer, channel text, key text, due_at timestamptz, body text)
    returning seq, broker, lane`,
    [JSON.stringify(columns)],
  );
  return stored.map(({ seq, broker, lane: outboxPartition }) => ({
    seq: Number(seq),
    broker,
    lane: outboxPartition,
  }));
}
