import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Wrong passwords of an account in the window that has begun. */
export interface WrongTries {
  readonly count: number;
  readonly endsInMs: number;
}

const window = `$2 * interval '1 millisecond'`;

/** Counts wrong passwords for all replicas. A window begins with the first of them. */
@Injectable()
export class WrongPasswords {
  constructor(private readonly dataSource: DataSource) {}

  async of(account: string, windowMs: number): Promise<WrongTries | undefined> {
    const [found] = await this.dataSource.query(
      `SELECT count, (extract(epoch FROM since + ${window} - waybill_now()) * 1000)::float8 AS "endsInMs"
        FROM wrong_passwords WHERE account = $1 AND since > waybill_now() - ${window}`,
      [account, windowMs],
    );
    return found;
  }

  async count(account: string, windowMs: number): Promise<void> {
    await this.dataSource.query(
      `INSERT INTO wrong_passwords AS w (account, since, count) VALUES ($1, waybill_now(), 1)
        ON CONFLICT (account) DO UPDATE SET
          since = CASE WHEN w.since > waybill_now() - ${window} THEN w.since ELSE excluded.since END,
          count = CASE WHEN w.since > waybill_now() - ${window} THEN w.count ELSE 0 END + 1`,
      [account, windowMs],
    );
  }

  async forget(account: string): Promise<void> {
    await this.dataSource.query('DELETE FROM wrong_passwords WHERE account = $1', [account]);
  }
}
