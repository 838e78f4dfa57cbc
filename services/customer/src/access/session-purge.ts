import { Injectable } from '@nestjs/common';
import { Scheduled } from '@waybill/service';
import { DataSource } from 'typeorm';

/** Milliseconds. */
const minute = 60_000;
const atOnce = 5_000;

const statements = [
  `DELETE FROM sessions WHERE id IN (SELECT id FROM sessions
    WHERE least(expires_at, ended_at) < waybill_now() - interval '7 days' LIMIT ${atOnce})`,
  `DELETE FROM wrong_passwords WHERE since < waybill_now() - interval '1 hour'`,
];

/** Deletes sessions a week after their end, a few at a time, and old counts of wrong passwords. */
@Injectable()
export class SessionPurge {
  constructor(private readonly dataSource: DataSource) {}

  @Scheduled({ name: 'session-purge', every: () => minute })
  async purge(): Promise<void> {
    for (const statement of statements) await this.dataSource.query(statement);
  }
}
