import type { Clock } from '@waybill/messaging';
import type { Notification, Pool, PoolClient } from 'pg';
import { showPresence } from '../presence.ts';

const channel = 'waybill_outbox';
const debounceMs = 5;

/**
 * Notifies the relays of other processes of new rows. Never inside a transaction of the hot path, because NOTIFY
 * serializes commits. The connection that listens also proves that this process is alive.
 */
export class Wakeup {
  private listener: PoolClient | null = null;
  private telling = false;
  private highest = 0;
  private readonly receive = ({ payload = '' }: Notification): void => {
    const [owner, seq] = payload.split(' ');
    if (owner !== this.owner) this.woken(Number(seq ?? 0));
  };
  private closed = false;

  constructor(
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly owner: string,
    /** Another process has written rows up to `seq`. */
    private readonly woken: (seq: number) => void,
    /** The connection is lost, so other processes see this one as dead. */
    private readonly lost: () => void,
  ) {}

  /** Whether other processes see this one as alive. */
  get isListening(): boolean {
    return this.listener !== null;
  }

  /** Listens from now on; safe to call again, also after the connection broke. */
  async listen(): Promise<void> {
    if (this.listener || this.closed) return;
    const client = await this.pool.connect();
    if (this.listener || this.closed) {
      client.release();
      return;
    }
    this.listener = client;
    client.on('notification', this.receive);
    client.once('error', (error) => this.drop(client, error));
    try {
      // The lock proves that this process is alive: it ends with the connection, at once, however the process ends.
      await client.query(showPresence, [this.owner]);
      await client.query(`listen ${channel}`);
    } catch (error) {
      this.drop(client, error as Error);
      throw error;
    }
  }

  /** Notifies the others, debounced, of the highest row that one of them should take. */
  tell(seq: number): void {
    this.highest = Math.max(this.highest, seq);
    if (this.telling || this.closed) return;
    this.telling = true;
    this.clock.after(debounceMs, () => {
      this.telling = false;
      // If the notification fails, the owner's poll finds the rows.
      this.pool
        .query(`select pg_notify('${channel}', $1)`, [`${this.owner} ${this.highest}`])
        .catch(() => {});
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    if (this.listener) this.drop(this.listener, new Error('closed'));
  }

  private drop(client: PoolClient, error: Error): void {
    if (this.listener !== client) return;
    this.listener = null;
    client.removeListener('notification', this.receive);
    client.release(error);
    if (!this.closed) this.lost();
  }
}
