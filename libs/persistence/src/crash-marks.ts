import type { CrashMarks } from '@waybill/messaging';
import type { Pool } from 'pg';

/**
 * Remembers, over kill -9, which messages a group was at. After an unclean stop the first messages are handled
 * one by one, each marked before it is begun: one that was begun three times and never ended takes its process
 * down, and belongs to the dead letters.
 */
export class PgCrashMarks implements CrashMarks {
  constructor(
    private readonly pool: Pool,
    private readonly group: string,
  ) {}

  /** The group runs from now on; true when it did not stop cleanly before. */
  async open(): Promise<boolean> {
    const { rows } = await this.pool.query<{ unclean: boolean }>(
      `with before as (select running from consumer_run where group_name = $1),
      now as (
        insert into consumer_run (group_name, running) values ($1, true)
        on conflict (group_name) do update set running = true
      ) select coalesce((select running from before), false) as unclean`,
      [this.group],
    );
    return rows[0]?.unclean ?? false;
  }

  /** Marks a message durably before it is begun; returns how often it was begun without an end, this time included. */
  async begin(messageId: string): Promise<number> {
    const { rows } = await this.pool.query<{ starts: number }>(
      `insert into crash_mark as m (group_name, message_id, starts) values ($1, $2, 1)
      on conflict (group_name, message_id) do update set starts = m.starts + 1 returning starts`,
      [this.group, messageId],
    );
    return rows[0]?.starts ?? 1;
  }

  /** The message came to an end, with whatever outcome: its mark goes. */
  async end(messageId: string): Promise<void> {
    await this.pool.query('delete from crash_mark where group_name = $1 and message_id = $2', [
      this.group,
      messageId,
    ]);
  }

  /** All marks go; the group runs on, or has stopped in order. */
  async clear(options: { readonly running: boolean }): Promise<void> {
    await this.pool.query('delete from crash_mark where group_name = $1', [this.group]);
    await this.pool.query('update consumer_run set running = $2 where group_name = $1', [
      this.group,
      options.running,
    ]);
  }
}
