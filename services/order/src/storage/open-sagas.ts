import { Injectable } from '@nestjs/common';
import { poolOf, readByIndex } from '@waybill/persistence';
import { DataSource } from 'typeorm';

/** Counts orders that are not settled yet. */
@Injectable()
export class OpenSagas {
  constructor(private readonly dataSource: DataSource) {}

  /** Counts up to `limit` only, so that it is fast however many there are. */
  async count(limit: number): Promise<number> {
    const [row] = await readByIndex<{ n: number }>(
      poolOf(this.dataSource),
      `SELECT count(*)::integer AS n FROM (SELECT FROM sagas WHERE phase <> 'settled' LIMIT ${limit}) AS open`,
    );
    return row?.n ?? 0;
  }
}
