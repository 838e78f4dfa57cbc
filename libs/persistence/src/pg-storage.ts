import {
  type Brokers,
  type Clock,
  type RunningRelay,
  Storage,
  systemClock,
} from '@waybill/messaging';
import type { DataSource } from 'typeorm';
import { PgCrashMarks } from './crash-marks.ts';
import { poolOf } from './data-source.ts';
import { InboxPartitions } from './inbox-partitions.ts';
import { migrate, pendingMigrations } from './migrate.ts';
import { PgStore } from './pg-store.ts';
import { OutboxRelay } from './relay/outbox-relay.ts';
import type { Stored } from './stored.ts';

/** Where it is written what the database does by itself. */
export interface StorageLog {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
}

export interface PgStorageOptions {
  readonly service: string;
  readonly dataSource: DataSource;
  readonly tables: Stored['tables'];
  readonly brokers: Brokers;
  /** True for the only process that may use the database: its relay needs no leases. Default false. */
  readonly exclusive?: boolean;
  /** Milliseconds after which handled messages are forgotten; default 30 days. */
  readonly inboxRetentionMs?: number;
  readonly clock?: Clock;
  readonly log: StorageLog;
  /** Hears each time the relay will try something again; default: nobody. */
  readonly relayFailed?: (error: unknown, doing: string) => void;
}

const defaultRetention = 30 * 24 * 3_600_000;

/** States, inbox and outbox of a service in its PostgreSQL database. */
export class PgStorage extends Storage {
  readonly store: PgStore;
  readonly relay: RunningRelay;
  override readonly crashMarks: PgCrashMarks;
  private readonly partitions: InboxPartitions;

  constructor(private readonly options: PgStorageOptions) {
    super();
    const { service, dataSource, tables, brokers, exclusive = false, relayFailed } = options;
    const { clock = systemClock } = options;
    const pool = poolOf(dataSource);
    this.store = new PgStore(pool, tables);
    const relay = new OutboxRelay({
      pool,
      brokers,
      exclusive,
      clock,
      ...(relayFailed ? { onError: relayFailed } : {}),
    });
    this.relay = relay;
    this.crashMarks = new PgCrashMarks(pool, service, relay.owner);
    this.partitions = new InboxPartitions(pool);
  }

  async missing(): Promise<readonly string[]> {
    const pending = await pendingMigrations(this.options.dataSource);
    return pending.length > 0 ? pending : this.store.missing();
  }

  /** Brings the database to what this release needs. */
  async migrate(): Promise<void> {
    const ran = await migrate(this.options.dataSource, this.options.tables);
    if (ran.length > 0) this.options.log.info({ ran }, 'the database was migrated');
  }

  oldest(): number | null {
    return this.partitions.lastKnownOldest();
  }

  async maintain(): Promise<() => void> {
    const { log, clock = systemClock, inboxRetentionMs = defaultRetention } = this.options;
    await this.partitions.look();
    return this.partitions.keep(inboxRetentionMs, {
      clock,
      onError: (error) => log.warn({ error }, 'the inbox will be looked after in an hour'),
      onDropped: (days) => log.info({ days }, 'old days of the inbox were dropped'),
    });
  }
}
