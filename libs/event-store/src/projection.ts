import type { Clock, StreamEvent } from '@waybill/messaging';
import type { Pool, PoolClient } from 'pg';
import type { EventStore, Queryable } from './event-store.ts';
import type { StoredEvent } from './stored-event.ts';

export interface ProjectionOptions<E extends StreamEvent> {
  readonly name: string;
  /** Increase it to rebuild the read model from the first event, next to the old one; default 1. */
  readonly generation?: number;
  readonly events: Pick<EventStore<never, E>, 'readAll'>;
  readonly pool: Pool;
  /** Writes the read model in the transaction that moves the checkpoint, so each event is applied exactly once. */
  readonly apply: (client: PoolClient, events: readonly StoredEvent<E>[]) => Promise<void>;
  readonly batchSize?: number;
}

/** The moment of its stream that a read model shows. */
export interface AsOf {
  readonly asOf: string;
  /** Milliseconds since the first event that it does not show; 0 if it shows all. */
  readonly lagMs: number;
}

/** How far a projection has come. */
export interface ProjectionStatus extends AsOf {
  readonly generation: number;
  /** The position of the last event that it has applied. */
  readonly position: number;
  /** The position of the last event that there is. */
  readonly head: number;
}

/** Updates a read model from its stream, in order of position; with several replicas, one works while the others wait. */
export class Projection<E extends StreamEvent> {
  private cancelNext: (() => void) | undefined;
  private working: Promise<unknown> = Promise.resolve();
  private running = false;

  constructor(private readonly options: ProjectionOptions<E>) {}

  /** Applies all events that exist now; resolves with the position reached. */
  async catchUp(): Promise<number> {
    for (;;) {
      const { position, more } = await this.step();
      if (!more) return position;
    }
  }

  /**
   * Catches up now and then every `every` ms (default 250); failures go to `onTrouble` and are retried after five times as
   * long.
   */
  start(
    clock: Clock,
    options: { every?: number; onTrouble?: (error: unknown) => void } = {},
  ): void {
    if (this.running) return;
    this.running = true;
    const { every = 250 } = options;
    const look = (): void => {
      this.working = this.catchUpIfBehind()
        .then(() => every)
        .catch((error: unknown) => {
          options.onTrouble?.(error);
          return 5 * every;
        })
        .then((wait) => {
          if (this.running) this.cancelNext = clock.after(wait, look);
        });
    };
    look();
  }

  async stop(): Promise<void> {
    this.running = false;
    this.cancelNext?.();
    await this.working;
  }

  /** Positions between its checkpoint and the head, which all streams of the service share; 0 once it has caught up. */
  async lag(): Promise<number> {
    const { rows } = await this.options.pool.query<{ behind: string }>(
      `select (select position from event_head) - coalesce(
         (select position from projection_checkpoint where name = $1 and generation = $2), 0) behind`,
      [this.options.name, this.options.generation ?? 1],
    );
    return Number(rows[0]?.behind ?? 0);
  }

  /** How far it has come; with `on`, in the snapshot of that transaction. */
  async status(on: Queryable = this.options.pool): Promise<ProjectionStatus> {
    const { name, generation = 1, events } = this.options;
    const { rows } = await on.query<{ position: string; head: string; now: Date }>(
      `select coalesce((select position from projection_checkpoint where name = $1 and generation = $2), 0) as position,
        (select position from event_head) as head, waybill_now() as now`,
      [name, generation],
    );
    const [{ position, head, now }] = rows as [(typeof rows)[number]];
    const [next] = await events.readAll(Number(position), 1, on);
    const lagMs = next ? Math.max(0, now.getTime() - Date.parse(next.at)) : 0;
    const asOf = new Date(now.getTime() - lagMs).toISOString();
    return { generation, position: Number(position), head: Number(head), asOf, lagMs };
  }

  /** Without new events, this costs one statement and no lock. */
  private async catchUpIfBehind(): Promise<void> {
    if ((await this.lag()) > 0) await this.catchUp();
  }

  /** Applies the next batch of events; `more` if there may be another. */
  async step(): Promise<{ position: number; more: boolean }> {
    const client = await this.options.pool.connect();
    let broken: Error | undefined;
    try {
      await client.query('begin');
      const done = await this.advance(client);
      await client.query('commit');
      return done;
    } catch (error) {
      broken = error as Error;
      throw error;
    } finally {
      // A connection in an unknown state must not return to the pool with an open transaction.
      client.release(broken);
    }
  }

  private async advance(client: PoolClient): Promise<{ position: number; more: boolean }> {
    const { name, generation = 1, events, apply, batchSize = 500 } = this.options;
    await client.query(
      'insert into projection_checkpoint (name, generation, position) values ($1, $2, 0) on conflict do nothing',
      [name, generation],
    );
    // The head is read before the events, so that none at or below it is missing from what is read after.
    const { rows } = await client.query<{ position: string; head: string }>(
      `select position, (select position from event_head) head from projection_checkpoint
       where name = $1 and generation = $2 for update`,
      [name, generation],
    );
    const position = Number(rows[0]?.position ?? 0);
    const batch = await events.readAll(position, batchSize, client);
    if (batch.length > 0) await apply(client, batch);
    const more = batch.length === batchSize;
    const read = batch.at(-1)?.position ?? position;
    // Positions of other streams of the service are none of its own: it need not look at them again.
    const reached = more ? read : Math.max(read, Number(rows[0]?.head ?? 0));
    if (reached > position)
      await client.query(
        'update projection_checkpoint set position = $3 where name = $1 and generation = $2',
        [name, generation, reached],
      );
    return { position: reached, more };
  }
}
