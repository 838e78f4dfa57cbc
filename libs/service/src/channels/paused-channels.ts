import type { Pool } from 'pg';

/** Who has paused a channel, and when. */
export interface Pause {
  readonly by: string;
  readonly at: Date;
}

/**
 * The channels whose consumption is paused at a service, by operators or by the service itself: neither resumes what the other has
 * paused. They are stored in its database, for all its replicas.
 */
export class PausedChannels {
  constructor(private readonly pool: () => Pool) {}

  /** By channel; an operator's pause is shown rather than one of the service. */
  async read(): Promise<ReadonlyMap<string, Pause>> {
    const { rows } = await this.pool().query<Pause & { readonly channel: string }>(
      'select channel, paused_by as by, paused_at as at from paused_channel order by by_service desc',
    );
    return new Map(rows.map(({ channel, by, at }) => [channel, { by, at }]));
  }

  /** A channel that is paused already stays as it is. */
  async add(channel: string, by: string, byService = false): Promise<void> {
    await this.pool().query(
      'insert into paused_channel (channel, paused_by, by_service) values ($1, $2, $3) on conflict do nothing',
      [channel, by, byService],
    );
  }

  async remove(channel: string, byService = false): Promise<void> {
    await this.pool().query('delete from paused_channel where channel = $1 and by_service = $2', [
      channel,
      byService,
    ]);
  }
}
