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
const atOnce = 5_000;

const statements = [
  `DELETE FROM sessions WHERE id IN (SELECT id FROM sessions
    WHERE least(expires_at, ended_at) < waybill_now() - interval '7 days' LIMIT ${atOnce})`,
  `DELETE FROM wrong_passwords WHERE since < waybill_now() - interval '1 hour'`,
];

/** Deletes sessions a week after their end, a few at a time, and old counts of wrong passwords. */
@Injectable()
export class SessionPurge implements OnApplicationBootstrap, OnApplicationShutdown {
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
      (error) => this.log.warn({ error }, 'old sessions stay for now'),
    );
  }

  onApplicationShutdown(): void {
    this.end();
  }

  async purge(): Promise<void> {
    for (const statement of statements) await this.dataSource.query(statement);
  }
}
