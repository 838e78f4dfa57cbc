import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** A customer was deactivated or erased, or is active again. */
export interface ActivityChange {
  readonly customerId: string;
  readonly active: boolean;
}

/** Changes in their order, and the position after which the next ones are. */
export interface ActivityPage {
  readonly position: number;
  readonly changes: readonly ActivityChange[];
}

const atOnce = 1_000;

/** Reads who became inactive or active, for gateways that follow it. */
@Injectable()
export class AccountActivityRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** The changes after a position; 0 is before the first. */
  async after(position: number): Promise<ActivityPage> {
    // The condition is that of the index, so that a read costs nothing while nothing changes.
    const rows: { id: string; type: string; position: string }[] = await this.dataSource.query(
      `SELECT stream_id AS id, type, position FROM customer_events
        WHERE type IN ('deactivated', 'reactivated', 'erased') AND position > $1
        ORDER BY position LIMIT ${atOnce}`,
      [position],
    );
    return {
      position: Number(rows.at(-1)?.position ?? position),
      changes: rows.map(({ id, type }) => ({ customerId: id, active: type === 'reactivated' })),
    };
  }
}
