import type { CrashMarks } from '@waybill/messaging';
import type { Pool } from 'pg';
import { isPresent } from './presence.ts';

/**
 * Remembers, over kill -9, which messages a process of a group was at. After an unclean end, its own or that of
 * another process whose messages it gets, the first messages are handled one by one, each marked before it is
 * begun: one that was begun three times and never ended takes its process down, and belongs to the dead letters.
 */
export class PgCrashMarks implements CrashMarks {
  constructor(
    private readonly pool: Pool,
    private readonly group: string,
    /** The name under which this process shows that it lives; a new one for each start. */
    private readonly instance: string,
  ) {}

  /** This process runs from now on. True when one has died, or when messages are under suspicion already. */
  async open(): Promise<boolean> {
    const { rows } = await this.pool.query<{ unclean: boolean }>(
      `with died as (
        delete from consumer_instance c
        where c.group_name = $1 and c.instance <> $2 and not ${isPresent('c.instance')} returning 1
      ), now as (
        insert into consumer_instance (group_name, instance) values ($1, $2) on conflict do nothing
      ) select exists (select from died)
        or exists (select from crash_mark where group_name = $1 and instance <> $2) as unclean`,
      [this.group, this.instance],
    );
    return rows[0]?.unclean ?? false;
  }

  /** Marks a message durably before it is begun; returns how often it was begun without an end, this time included. */
  async begin(messageId: string): Promise<number> {
    const { rows } = await this.pool.query<{ starts: number }>(
      `insert into crash_mark as m (group_name, message_id, starts, instance) values ($1, $2, 1, $3)
      on conflict (group_name, message_id) do update
      set starts = m.starts + 1, instance = excluded.instance returning starts`,
      [this.group, messageId, this.instance],
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

  /** All marks go but those of other processes that live; this process runs on, or has stopped in order. */
  async clear(options: { readonly running: boolean }): Promise<void> {
    await this.pool.query(
      `delete from crash_mark m
      where m.group_name = $1 and (m.instance = $2 or not ${isPresent('m.instance')})`,
      [this.group, this.instance],
    );
    if (options.running) return;
    await this.pool.query('delete from consumer_instance where group_name = $1 and instance = $2', [
      this.group,
      this.instance,
    ]);
  }
}
