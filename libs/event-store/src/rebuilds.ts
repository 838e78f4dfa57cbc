import { newId } from '@waybill/message';
import type { Queryable } from './event-store.ts';

/** The building of a read model from the first event. */
export interface Rebuild {
  readonly id: string;
  readonly name: string;
  readonly state: 'running' | 'done';
  /** From 0 to 1: the share of the events that there were when it began. */
  readonly progress: number;
  readonly requestedBy: string;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  /** The generation that it builds. */
  readonly generation: number;
}

interface Row {
  readonly id: string;
  readonly name: string;
  readonly generation: number;
  readonly requested_by: string;
  readonly target: string;
  readonly position: string | null;
  readonly started_at: Date;
  readonly finished_at: Date | null;
}

const rebuilds = `select r.*, c.position from read_model_rebuilds r
  left join projection_checkpoint c on c.name = r.name and c.generation = r.generation`;

/** The rebuild with an id. */
export async function findRebuild(on: Queryable, id: string): Promise<Rebuild | undefined> {
  const { rows } = await on.query<Row>(`${rebuilds} where r.id = $1`, [id]);
  return rows[0] && rebuildOf(rows[0]);
}

/** The rebuild of a read model that is under way. */
export async function runningRebuild(on: Queryable, name: string): Promise<Rebuild | undefined> {
  const { rows } = await on.query<Row>(`${rebuilds} where r.name = $1 and r.finished_at is null`, [
    name,
  ]);
  return rows[0] && rebuildOf(rows[0]);
}

/** Begins a rebuild, in the caller's transaction, which holds the lock of the read model. Resolves with its id. */
export async function beginRebuild(on: Queryable, name: string, by: string): Promise<string> {
  const id = newId();
  await on.query(
    `insert into read_model_rebuilds (id, name, generation, requested_by, target, started_at)
     select $1, name, generation + 1, $3, (select position from event_head), waybill_now()
     from read_models where name = $2`,
    [id, name, by],
  );
  return id;
}

/** Ends a rebuild, in the caller's transaction. */
export async function endRebuild(on: Queryable, id: string): Promise<void> {
  await on.query('update read_model_rebuilds set finished_at = waybill_now() where id = $1', [id]);
}

function rebuildOf(row: Row): Rebuild {
  const isDone = row.finished_at !== null;
  const [position, target] = [Number(row.position ?? 0), Number(row.target)];
  const share = target === 0 ? 1 : Math.min(1, position / target);
  return {
    id: row.id,
    name: row.name,
    state: isDone ? 'done' : 'running',
    progress: isDone ? 1 : Math.floor(share * 1_000) / 1_000,
    requestedBy: row.requested_by,
    startedAt: row.started_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
    generation: row.generation,
  };
}
