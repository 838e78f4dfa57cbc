import { Injectable } from '@nestjs/common';
import { poolOf, readByIndex } from '@waybill/persistence';
import { DataSource } from 'typeorm';

/** Counts orders that are not settled yet. */
@Injectable()
export class OpenSagas {
  constructor(private readonly dataSource: DataSource) {}

  /** Counts no further than `limit`, so that the answer comes at once however many there are. */
  async count(limit: number): Promise<number> {
    const [row] = await readByIndex<{ n: number }>(
      poolOf(this.dataSource),
      `SELECT count(*)::integer AS n FROM (SELECT FROM sagas WHERE phase <> 'settled' LIMIT ${limit}) AS open`,
    );
    return row?.n ?? 0;
  }
}
