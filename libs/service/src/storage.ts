import type { Relay, Store } from '@waybill/messaging';
import type { DataSource } from 'typeorm';

/** The relay as the host sees it. */
export interface RunningRelay extends Relay {
  /** Takes its leases and publishes what a crash left behind. */
  start(): Promise<void>;
  /** Publishes what it has, and waits for confirms at most until the deadline of the host. */
  stop(): Promise<void>;
}

/** The database of one service, open. */
export interface Storage {
  readonly dataSource: DataSource;
  readonly store: Store;
  readonly relay: RunningRelay;
  /** What the database lacks of what this release needs: names of migrations and functions. */
  missing(): Promise<readonly string[]>;
  migrate(): Promise<void>;
  close(): Promise<void>;
}
