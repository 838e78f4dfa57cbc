import type { CrashMarks } from '@waybill/messaging';
import type { Pool } from 'pg';
import { isPresent } from './presence.ts';

/**
 * Records, across kill -9, which messages a process of a group was processing. After an unclean end of this process, or
 * of another one whose messages it receives, it marks the first messages before it starts them, and removes the marks
 * when they end. A mark left by a dead process therefore names a message that may have crashed it.
 */
export class PgCrashMarks implements CrashMarks {
  constructor(
    private readonly pool: Pool,
    private readonly group: string,
    /** The name under which this process proves that it is alive; new for each start. */
    private readonly instance: string,
  ) {}

  /** Registers this process. `unclean` is true when another process has died, or when messages are already suspect. */
  async open(): Promise<{ readonly unclean: boolean; readonly suspects: readonly string[] }> {
    const { rows } = await this.pool.query<{ died: boolean; suspects: readonly string[] }>(
      `with died as (
        delete from consumer_instance c
        where c.group_name = $1 and c.instance <> $2 and not ${isPresent('c.instance')} returning 1
      ), now as (
        insert into consumer_instance (group_name, instance) values ($1, $2) on conflict do nothing
      ) select exists (select from died) as died,
        array(
          select message_id from crash_mark m
          where m.group_name = $1 and m.instance <> $2 and not ${isPresent('m.instance')}
        ) as suspects`,
      [this.group, this.instance],
    );
    const { died = false, suspects = [] } = rows[0] ?? {};
    return { unclean: died || suspects.length > 0, suspects };
  }

  /**
   * Marks messages durably before they are started. Returns for each how many processes started it and never ended it, including
   * this one. A repeated call does not increase the count, because a frozen database may still run a statement that timed out.
   */
  async begin(messageIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const { rows } = await this.pool.query<{ id: string; starts: number }>(
      `insert into crash_mark as m (group_name, message_id, starts, instance)
      select distinct $1, id, 1, $3 from unnest($2::text[]) as r(id) order by id
      on conflict (group_name, message_id) do update
      set starts = m.starts + (m.instance <> excluded.instance)::int, instance = excluded.instance returning message_id as id, starts`,
      [this.group, messageIds, this.instance],
    );
    return new Map(rows.map(({ id, starts }) => [id, starts]));
  }

  /** The messages have ended, with whatever outcome: removes the marks that this process set. */
  async end(messageIds: readonly string[]): Promise<void> {
    await this.pool.query(
      'delete from crash_mark where group_name = $1 and message_id = any($2::text[]) and instance = $3',
      [this.group, messageIds, this.instance],
    );
  }

  /** Removes all marks except `sparing` and those of other live processes; `running: false` also unregisters this process. */
  async clear(options: {
    readonly running: boolean;
    readonly sparing: readonly string[];
  }): Promise<void> {
    await this.pool.query(
      `delete from crash_mark m
      where m.group_name = $1 and (m.instance = $2 or not ${isPresent('m.instance')})
        and m.message_id <> all($3::text[])`,
      [this.group, this.instance, options.sparing],
    );
    if (options.running) return;
    await this.pool.query('delete from consumer_instance where group_name = $1 and instance = $2', [
      this.group,
      this.instance,
    ]);
  }
}
