import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { CLOCK, type Clock, every } from '@waybill/messaging';
import { LOGGER, type Log } from '@waybill/observability';
import { DataSource } from 'typeorm';

const purgeEvery = 60_000;
const keptFor = 7 * 24 * 3_600_000;
const atOnce = 5_000;

/** Deletes stored responses of idempotency keys after seven days, a few at a time. */
@Injectable()
export class StoredAnswerPurge implements OnApplicationBootstrap, OnApplicationShutdown {
  private end: () => void = () => {};

  constructor(
    private readonly dataSource: DataSource,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.end = every(
      this.clock,
      purgeEvery,
      () => this.purge(),
      (error) => this.log.warn({ error }, 'old answers stay for now'),
    );
  }

  onApplicationShutdown(): void {
    this.end();
  }

  /** Resolves with the number of deleted rows. */
  async purge(): Promise<number> {
    const before = new Date(this.clock.now().getTime() - keptFor);
    const [, forgotten] = (await this.dataSource.query(
      `DELETE FROM idempotency_keys WHERE id IN
        (SELECT id FROM idempotency_keys WHERE stored_at < $1 LIMIT ${atOnce})`,
      [before],
    )) as [unknown, number];
    return forgotten;
  }
}
