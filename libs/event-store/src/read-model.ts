import { type Clock, every, type StreamEvent } from '@waybill/messaging';
import type { Pool, PoolClient } from 'pg';
import type { EventStore, Queryable } from './event-store.ts';
import { type AsOf, Projection, type ProjectionStatus } from './projection.ts';
import { beginRebuild, endRebuild, findRebuild, type Rebuild, runningRebuild } from './rebuilds.ts';
import type { StoredEvent } from './stored-event.ts';

export interface ReadModelOptions<E extends StreamEvent> {
  readonly name: string;
  readonly events: Pick<EventStore<never, E>, 'readAll'>;
  readonly pool: Pool;
  /** Writes the rows of a generation in the transaction that moves its checkpoint, so each event is applied exactly once. */
  readonly apply: (
    client: PoolClient,
    events: readonly StoredEvent<E>[],
    generation: number,
  ) => Promise<void>;
  /** Deletes the rows of a generation. */
  readonly forget: (client: PoolClient, generation: number) => Promise<void>;
  readonly batchSize?: number;
}

/** How far a read model has come. */
export interface ReadModelStatus extends ProjectionStatus {
  /** Its rebuild, if one is under way. */
  readonly rebuild: Rebuild | null;
}

/** Another replica has replaced the generation meanwhile. */
class Replaced extends Error {}

/**
 * A read model that follows its stream and can be rebuilt while it serves: a new generation is built from the first event
 * beside the one that serves, takes over in one transaction once it shows as much, and the old one is deleted. With several
 * replicas, one writes a generation at a time, and any of them goes on with a rebuild.
 */
export class ReadModel<E extends StreamEvent> {
  private endings: (() => Promise<void>)[] = [];
  private stopped = false;

  constructor(private readonly options: ReadModelOptions<E>) {}

  /** Follows the stream, and builds what is to be rebuilt, every `every` ms (default 250). Failures go to `onTrouble`. */
  start(
    clock: Clock,
    {
      every: pause = 250,
      onTrouble,
    }: { every?: number; onTrouble?: (error: unknown) => void } = {},
  ): void {
    const repeat = (task: () => Promise<void>): (() => Promise<void>) => {
      let working = Promise.resolve();
      const work = () => {
        working = task();
        return working;
      };
      const end = every(clock, pause, work, (error) => onTrouble?.(error));
      return () => {
        end();
        return working.catch(() => undefined);
      };
    };
    // A rebuild takes long, and must not keep what serves from following.
    this.endings = [repeat(() => this.follow()), repeat(() => this.build())];
  }

  /** Resolves when the batches under way are committed. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.endings.map((end) => end()));
  }

  /** Applies all events that exist now. */
  async follow(): Promise<void> {
    await this.advance(await this.serving(this.options.pool));
  }

  /** Goes on with the rebuild that is under way, until the new generation serves. */
  async build(): Promise<void> {
    const rebuild = await runningRebuild(this.options.pool, this.options.name);
    if (!rebuild) return;
    await this.advance(rebuild.generation);
    await this.transaction('begin', (client) => this.replace(client, rebuild));
  }

  /** Begins a rebuild; resolves with the one that is under way, if there is one. */
  rebuild(by: string): Promise<Rebuild> {
    const { name } = this.options;
    return this.transaction('begin', async (client) => {
      await this.lock(client);
      const running = await runningRebuild(client, name);
      const id = running?.id ?? (await beginRebuild(client, name, by));
      return (await findRebuild(client, id)) as Rebuild;
    });
  }

  /** A rebuild of this read model, also when it is over. */
  async findRebuild(id: string): Promise<Rebuild | undefined> {
    const found = await findRebuild(this.options.pool, id);
    return found?.name === this.options.name ? found : undefined;
  }

  /** Reads rows of the generation that serves, and the moment that they show, in one snapshot. */
  read<R>(
    use: (client: Queryable, generation: number) => Promise<R>,
  ): Promise<AsOf & { readonly result: R }> {
    return this.transaction('begin isolation level repeatable read read only', async (client) => {
      const generation = await this.serving(client);
      const result = await use(client, generation);
      const { asOf, lagMs } = await this.projection(generation).status(client);
      return { result, asOf, lagMs };
    });
  }

  status(): Promise<ReadModelStatus> {
    return this.transaction('begin isolation level repeatable read read only', async (client) => {
      const generation = await this.serving(client);
      const rebuild = (await runningRebuild(client, this.options.name)) ?? null;
      return { ...(await this.projection(generation).status(client)), rebuild };
    });
  }

  private async serving(on: Queryable): Promise<number> {
    const { rows } = await on.query<{ generation: number }>(
      'select generation from read_models where name = $1',
      [this.options.name],
    );
    return rows[0]?.generation ?? 1;
  }

  private async advance(generation: number): Promise<void> {
    const projection = this.projection(generation);
    try {
      while (!this.stopped && (await projection.lag()) > 0) await projection.step();
    } catch (error) {
      if (!(error instanceof Replaced)) throw error;
    }
  }

  private projection(generation: number): Projection<E> {
    const { name, events, pool, batchSize } = this.options;
    return new Projection<E>({
      name,
      generation,
      events,
      pool,
      ...(batchSize === undefined ? {} : { batchSize }),
      apply: async (client, batch) => {
        if (!(await this.isAlive(client, generation))) throw new Replaced();
        await this.options.apply(client, batch, generation);
      },
    });
  }

  /** It serves, or is being built. Whoever replaces it holds the lock of its checkpoint, as this transaction does. */
  private async isAlive(client: Queryable, generation: number): Promise<boolean> {
    const { name } = this.options;
    const rebuild = await runningRebuild(client, name);
    return rebuild?.generation === generation || (await this.serving(client)) === generation;
  }

  /** Lets the new generation serve, unless it shows less than the old one; then the next round tries again. */
  private async replace(client: PoolClient, { id, generation }: Rebuild): Promise<void> {
    const { name, forget } = this.options;
    const old = await this.lock(client);
    if ((await runningRebuild(client, name))?.id !== id) return;
    const { rows } = await client.query<{ generation: number; position: string }>(
      `select generation, position from projection_checkpoint where name = $1 and generation = any($2)
       order by generation for update`,
      [name, [old, generation]],
    );
    const positionOf = (of: number) =>
      Number(rows.find((row) => row.generation === of)?.position ?? 0);
    if (positionOf(generation) < positionOf(old)) return;
    await client.query('update read_models set generation = $2 where name = $1', [
      name,
      generation,
    ]);
    await forget(client, old);
    await client.query('delete from projection_checkpoint where name = $1 and generation = $2', [
      name,
      old,
    ]);
    await endRebuild(client, id);
  }

  /** Locks the read model, in the caller's transaction; resolves with the generation that serves. */
  private async lock(client: Queryable): Promise<number> {
    const { name } = this.options;
    await client.query('insert into read_models values ($1, 1) on conflict do nothing', [name]);
    const { rows } = await client.query<{ generation: number }>(
      'select generation from read_models where name = $1 for update',
      [name],
    );
    return rows[0]?.generation ?? 1;
  }

  private async transaction<R>(begin: string, use: (client: PoolClient) => Promise<R>): Promise<R> {
    const client = await this.options.pool.connect();
    let broken: Error | undefined;
    try {
      await client.query(begin);
      const result = await use(client);
      await client.query('commit');
      return result;
    } catch (error) {
      broken = error as Error;
      throw error;
    } finally {
      // A connection in an unknown state must not return to the pool with an open transaction.
      client.release(broken);
    }
  }
}
