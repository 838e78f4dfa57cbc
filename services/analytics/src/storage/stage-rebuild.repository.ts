import { Injectable } from '@nestjs/common';
import { newId } from '@waybill/contracts';
import type { TaskLease } from '@waybill/persistence';
import { DataSource } from 'typeorm';
import { type StageName, stages } from '../domain/stages.ts';

/** A rebuild of a stage. */
export interface StageRebuild {
  readonly id: string;
  readonly stage: StageName;
  /** How many messages it processes again; null while its stages have not been set back. */
  readonly expected: number | null;
  readonly requestedBy: string;
  readonly startedAt: string;
  readonly finishedAt: string | null;
}

const columns = `id, stage, expected, requested_by AS "requestedBy", started_at AS "startedAt", finished_at AS "finishedAt"`;

/** Rebuilds of stages, one at a time, and the states that they begin with. */
@Injectable()
export class StageRebuildRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Begins a rebuild; resolves with the one that is under way, of whichever stage, if there is one. */
  async begin(stage: StageName, by: string, now: Date): Promise<StageRebuild> {
    await this.dataSource.query(
      `INSERT INTO stage_rebuilds (id, stage, requested_by, started_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT DO NOTHING`,
      [newId(now), stage, by, now],
    );
    return (await this.open()) ?? (await this.begin(stage, by, now));
  }

  open(): Promise<StageRebuild | undefined> {
    return this.read('finished_at IS NULL', []);
  }

  find(id: string): Promise<StageRebuild | undefined> {
    return this.read('id = $1', [id]);
  }

  /** Whether a timer of the stage is set, and has not been published. */
  async hasTimers(name: StageName): Promise<boolean> {
    const { timers, timer } = stages[name];
    const rows: unknown[] = await this.dataSource.query(
      `SELECT FROM outbox WHERE channel = $1 AND due_at IS NOT NULL AND body::jsonb->>'type' = $2 LIMIT 1`,
      [timers, timer],
    );
    return rows.length > 0;
  }

  /**
   * Forgets what the stage has processed. Its keys keep the versions of their states, so that the results that come again are newer
   * than those that are there, and replace them.
   */
  async reset(lease: TaskLease, name: StageName): Promise<void> {
    const { group, states, results, key } = stages[name];
    await lease.transaction(async (client) => {
      await client.query('DELETE FROM inbox WHERE group_name = $1', [group]);
      await client.query(
        `UPDATE ${states} SET state = 'null', waiting = false, version = version + 1, at = waybill_now()`,
      );
      // Keys that have results, and no state any more.
      await client.query(
        `INSERT INTO ${states} (id, state, waiting, at, version)
          SELECT ${key}, 'null', false, waybill_now(), max(revision) FROM ${results} GROUP BY ${key} ORDER BY ${key}
          ON CONFLICT DO NOTHING`,
      );
    });
  }

  async replays(lease: TaskLease, id: string, expected: number): Promise<void> {
    await lease.transaction((client) =>
      client.query('UPDATE stage_rebuilds SET expected = $2 WHERE id = $1', [id, expected]),
    );
  }

  async finish(lease: TaskLease, id: string, now: Date): Promise<void> {
    await lease.transaction((client) =>
      client.query('UPDATE stage_rebuilds SET finished_at = $2 WHERE id = $1', [id, now]),
    );
  }

  private async read(where: string, values: readonly unknown[]): Promise<StageRebuild | undefined> {
    const rows: Record<keyof StageRebuild, string | Date | null>[] = await this.dataSource.query(
      `SELECT ${columns} FROM stage_rebuilds WHERE ${where}`,
      [...values],
    );
    const [row] = rows;
    if (!row) return undefined;
    const time = (value: string | Date | null) => (value === null ? null : new Date(value));
    return {
      ...(row as unknown as StageRebuild),
      expected: row.expected === null ? null : Number(row.expected),
      startedAt: time(row.startedAt)?.toISOString() ?? '',
      finishedAt: time(row.finishedAt)?.toISOString() ?? null,
    };
  }
}
