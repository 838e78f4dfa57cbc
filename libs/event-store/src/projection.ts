import type { Clock, StreamEvent } from '@waybill/messaging';
import type { Pool, PoolClient } from 'pg';
import type { EventStore } from './event-store.ts';
import type { StoredEvent } from './stored-event.ts';

export interface ProjectionOptions<E extends StreamEvent> {
  readonly name: string;
  /** Raised to build the read model anew, from the first event, beside the old one. */
  readonly generation?: number;
  readonly events: Pick<EventStore<never, E>, 'readAll'>;
  readonly pool: Pool;
  /** Writes the read model; in the transaction that moves the checkpoint, so each event counts once. */
  readonly apply: (client: PoolClient, events: readonly StoredEvent<E>[]) => Promise<void>;
  readonly batchSize?: number;
}

/** Keeps a read model up to its stream by position; on several replicas one works while the others wait. */
export class Projection<E extends StreamEvent> {
  private cancelNext: (() => void) | undefined;
  private working: Promise<unknown> = Promise.resolve();
  private running = false;

  constructor(private readonly options: ProjectionOptions<E>) {}

  /** Applies all that is there now; resolves with the position reached. */
  async catchUp(): Promise<number> {
    for (;;) {
      const { position, more } = await this.step();
      if (!more) return position;
    }
  }

  /** Catches up at once and then again and again; `onTrouble` hears what failed, and the next look tries again. */
  start(
    clock: Clock,
    options: { every?: number; onTrouble?: (error: unknown) => void } = {},
  ): void {
    if (this.running) return;
    this.running = true;
    const look = (): void => {
      this.working = this.catchUpIfBehind()
        .catch((error: unknown) => options.onTrouble?.(error))
        .finally(() => {
          if (this.running) this.cancelNext = clock.after(options.every ?? 250, look);
        });
    };
    look();
  }

  async stop(): Promise<void> {
    this.running = false;
    this.cancelNext?.();
    await this.working;
  }

  /** How many events it is behind. */
  async lag(): Promise<number> {
    const { rows } = await this.options.pool.query<{ behind: string }>(
      `select (select position from event_head) - coalesce(
         (select position from projection_checkpoint where name = $1 and generation = $2), 0) behind`,
      [this.options.name, this.options.generation ?? 1],
    );
    return Number(rows[0]?.behind ?? 0);
  }

  /** A look without anything new costs one statement, and no lock. */
  private async catchUpIfBehind(): Promise<void> {
    if ((await this.lag()) > 0) await this.catchUp();
  }

  private async step(): Promise<{ position: number; more: boolean }> {
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
      // A connection in an unknown state must not go back to the pool with its transaction open.
      client.release(broken);
    }
  }

  private async advance(client: PoolClient): Promise<{ position: number; more: boolean }> {
    const { name, generation = 1, events, apply, batchSize = 500 } = this.options;
    await client.query(
      'insert into projection_checkpoint (name, generation, position) values ($1, $2, 0) on conflict do nothing',
      [name, generation],
    );
    const { rows } = await client.query<{ position: string }>(
      'select position from projection_checkpoint where name = $1 and generation = $2 for update',
      [name, generation],
    );
    const position = Number(rows[0]?.position ?? 0);
    const batch = await events.readAll(position, batchSize, client);
    const last = batch.at(-1);
    if (!last) return { position, more: false };
    await apply(client, batch);
    await client.query(
      'update projection_checkpoint set position = $3 where name = $1 and generation = $2',
      [name, generation, last.position],
    );
    return { position: last.position, more: batch.length === batchSize };
  }
}
