import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** The sessions whose states the pipeline keeps. */
@Injectable()
export class KeptSessions {
  constructor(private readonly dataSource: DataSource) {}

  /** Whether there are `count` of them, or more. */
  async reach(count: number): Promise<boolean> {
    const [row]: { reached: boolean }[] = await this.dataSource.query(
      'SELECT count(*) >= $1 AS reached FROM (SELECT FROM session_activities LIMIT $1::bigint) kept',
      [count],
    );
    return row?.reached ?? false;
  }

  /** Whether all of these are among them. */
  async have(sessionIds: readonly string[]): Promise<boolean> {
    const ids = [...new Set(sessionIds)];
    const [row]: { found: string }[] = await this.dataSource.query(
      'SELECT count(*) AS found FROM session_activities WHERE id = ANY($1)',
      [ids],
    );
    return Number(row?.found) === ids.length;
  }
}
