import type { Clock } from '@waybill/messaging';
import type { Pool, PoolClient } from 'pg';

const channel = 'waybill_outbox';
const debounceMs = 5;

/**
 * Tells the relays of other processes that there is something new. Never inside a transaction of the hot path:
 * a NOTIFY makes commits wait for each other.
 */
export class Wakeup {
  private listener: PoolClient | null = null;
  private telling = false;
  private closed = false;

  constructor(
    private readonly pool: Pool,
    private readonly clock: Clock,
    private readonly woken: () => void,
  ) {}

  /** Listens from now on; safe to call again, also after the connection broke. */
  async listen(): Promise<void> {
    if (this.listener || this.closed) return;
    const client = await this.pool.connect();
    this.listener = client;
    client.on('notification', this.woken);
    client.once('error', (error) => this.drop(client, error));
    try {
      await client.query(`listen ${channel}`);
    } catch (error) {
      this.drop(client, error as Error);
      throw error;
    }
  }

  tell(): void {
    if (this.telling || this.closed) return;
    this.telling = true;
    this.clock.after(debounceMs, () => {
      this.telling = false;
      // The poll of the owner finds what nobody told it.
      this.pool.query(`select pg_notify('${channel}', '')`).catch(() => {});
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    if (this.listener) this.drop(this.listener, new Error('closed'));
  }

  private drop(client: PoolClient, error: Error): void {
    if (this.listener !== client) return;
    this.listener = null;
    client.removeListener('notification', this.woken);
    client.release(error);
  }
}
