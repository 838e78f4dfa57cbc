import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Counts orders that are not settled yet. */
@Injectable()
export class OpenSagas {
  constructor(private readonly dataSource: DataSource) {}

  /** Counts no further than `limit`, so that the answer comes at once however many there are. */
  async count(limit: number): Promise<number> {
    const [row]: { n: number }[] = await this.dataSource.query(
      `SELECT count(*)::integer AS n FROM (SELECT FROM sagas WHERE phase <> 'settled' LIMIT $1) AS open`,
      [limit],
    );
    return row?.n ?? 0;
  }
}
