import type { Clock } from '@waybill/messaging';
import type { Notification, Pool, PoolClient } from 'pg';
import { showPresence } from '../presence.ts';

const channel = 'waybill_outbox';
const debounceMs = 5;

/**
 * Tells the relays of other processes that there is something new. Never inside a transaction of the hot path:
 * a NOTIFY makes commits wait for each other. The connection that listens also shows that this process lives.
 */
export class Wakeup {
  private listener: PoolClient | null = null;
  private telling = false;
  private highest = 0;
  private readonly hear = ({ payload = '' }: Notification): void => {
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
    /** The connection is gone, and with it, for the others, this process. */
    private readonly lost: () => void,
  ) {}

  /** Whether others see that this process lives. */
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
    client.on('notification', this.hear);
    client.once('error', (error) => this.drop(client, error));
    try {
      // The lock tells others that this process lives: it goes with the connection, at once, however we end.
      await client.query(showPresence, [this.owner]);
      await client.query(`listen ${channel}`);
    } catch (error) {
      this.drop(client, error as Error);
      throw error;
    }
  }

  /** Tells the others, once in a while, of the highest row that one of them should take. */
  tell(seq: number): void {
    this.highest = Math.max(this.highest, seq);
    if (this.telling || this.closed) return;
    this.telling = true;
    this.clock.after(debounceMs, () => {
      this.telling = false;
      // The poll of the owner finds what nobody told it.
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
    client.removeListener('notification', this.hear);
    client.release(error);
    if (!this.closed) this.lost();
  }
}
