import {
  type Brokers,
  type Clock,
  nestLog,
  type RunningRelay,
  Storage,
  systemClock,
  type Tracer,
} from '@waybill/messaging';
import { type Duration, milliseconds } from '@waybill/resilience';
import type { DataSource } from 'typeorm';
import { PgCrashMarks } from './crash-marks.ts';
import { type MigrationSet, poolOf } from './data-source.ts';
import { HandlerTransactions } from './handler-transactions.ts';
import { InboxPartitions } from './inbox-partitions.ts';
import { migrate, pendingMigrations } from './migrate.ts';
import { Outbox } from './outbox.ts';
import { PgStore } from './pg-store.ts';
import { OutboxRelay } from './relay/outbox-relay.ts';
import type { Stored } from './stored.ts';

/** The log for what the database maintenance and the relay do in the background. */
export interface StorageLog {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
}

export interface PgStorageOptions {
  readonly service: string;
  readonly dataSource: DataSource;
  readonly tables: Stored['tables'];
  readonly brokers: Brokers;
  /** For an application's own data source: the migrations that the library adds to it. */
  readonly beside?: MigrationSet;
  /** True if this is the only process that uses the database: its relay needs no leases. Default false. */
  readonly exclusive?: boolean;
  /** When processed messages are dropped from the inbox: `30d`, or milliseconds. Default 30 days. */
  readonly inboxRetention?: Duration | number;
  readonly clock?: Clock;
  /** Default: Nest's logger. */
  readonly log?: StorageLog;
  /** Records the publishing of messages whose trace is recorded. Default: nothing is recorded. */
  readonly tracer?: Tracer | undefined;
  /** Called for each failure that the relay will retry; default: logs a warning. */
  readonly relayFailed?: (error: unknown, doing: string) => void;
}

const defaultRetention = '30d';

/** States, inbox and outbox of a service in its PostgreSQL database. */
export class PgStorage extends Storage {
  readonly store: PgStore;
  readonly relay: RunningRelay;
  override readonly crashMarks: PgCrashMarks;
  override readonly transactions: HandlerTransactions;
  /** For messages from the service's own transactions. */
  readonly outbox: Outbox;
  private readonly partitions: InboxPartitions;
  private readonly log: StorageLog;

  constructor(private readonly options: PgStorageOptions) {
    super();
    const {
      service,
      dataSource,
      tables,
      brokers,
      exclusive = false,
      relayFailed,
      tracer,
    } = options;
    const { clock = systemClock, log = nestLog('Persistence') } = options;
    this.log = log;
    const failed = (error: unknown, doing: string) =>
      log.warn({ error }, `relay: ${doing} failed and is tried again`);
    const pool = poolOf(dataSource);
    this.store = new PgStore(pool, tables);
    const relay = new OutboxRelay({
      pool,
      brokers,
      exclusive,
      tracer,
      clock,
      onError: relayFailed ?? failed,
    });
    this.relay = relay;
    this.crashMarks = new PgCrashMarks(pool, service, relay.owner);
    this.partitions = new InboxPartitions(pool);
    this.outbox = new Outbox({ service, dataSource, relay, clock });
    const { store, outbox } = this;
    this.transactions = new HandlerTransactions({ dataSource, store, outbox });
  }

  override onEntries(...[table, listener]: Parameters<PgStore['onEntries']>): void {
    this.store.onEntries(table, listener);
  }

  async missing(): Promise<readonly string[]> {
    const pending = await pendingMigrations(this.options.dataSource, this.options.beside);
    return pending.length > 0 ? pending : this.store.missing();
  }

  /** Brings the database to the state this release needs. */
  async migrate(): Promise<void> {
    const { dataSource, tables, beside } = this.options;
    const ran = await migrate(dataSource, tables, beside);
    if (ran.length > 0) this.log.info({ ran }, 'the database was migrated');
  }

  oldest(): number | null {
    return this.partitions.lastKnownOldest();
  }

  async maintain(): Promise<() => void> {
    const { clock = systemClock, inboxRetention = defaultRetention } = this.options;
    const { log } = this;
    await this.partitions.look();
    return this.partitions.keep(milliseconds(inboxRetention), {
      clock,
      onError: (error) => log.warn({ error }, 'the inbox will be looked after in an hour'),
      onDropped: (days) => log.info({ days }, 'old days of the inbox were dropped'),
    });
  }
}
