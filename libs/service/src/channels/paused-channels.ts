import type { Pool } from 'pg';

/** Who has paused a channel, and when. */
export interface Pause {
  readonly by: string;
  readonly at: Date;
}

/** The channels whose consumption operators have paused at a service. They are stored in its database, for all its replicas. */
export class PausedChannels {
  constructor(private readonly pool: () => Pool) {}

  /** By channel. */
  async read(): Promise<ReadonlyMap<string, Pause>> {
    const { rows } = await this.pool().query<Pause & { readonly channel: string }>(
      'select channel, paused_by as by, paused_at as at from paused_channel',
    );
    return new Map(rows.map(({ channel, by, at }) => [channel, { by, at }]));
  }

  /** A channel that is paused already stays as it is. */
  async add(channel: string, by: string): Promise<void> {
    await this.pool().query(
      'insert into paused_channel (channel, paused_by) values ($1, $2) on conflict do nothing',
      [channel, by],
    );
  }

  async remove(channel: string): Promise<void> {
    await this.pool().query('delete from paused_channel where channel = $1', [channel]);
  }
}
