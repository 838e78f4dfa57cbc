import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { SloMinute } from '@waybill/observability';
import { Repository } from 'typeorm';
import { AcceptMinuteEntity } from './accept-minute.entity.ts';

/** What gateways have counted of the answers to orders, so that it outlives them and all of them know of it. */
@Injectable()
export class AcceptMinuteRepository {
  constructor(
    @InjectRepository(AcceptMinuteEntity) private readonly minutes: Repository<AcceptMinuteEntity>,
  ) {}

  /** Stores minutes of a gateway, in place of those it stored before; resolves with the sums of all others in the last six hours. */
  async exchange(source: string, seen: readonly SloMinute[]): Promise<readonly SloMinute[]> {
    if (seen.length > 0)
      await this.minutes.upsert(
        seen.map(({ minute, all: total, bad }) => ({
          source,
          at: new Date(minute * 60_000).toISOString(),
          total,
          bad,
        })),
        ['source', 'at'],
      );
    return this.minutes.query(
      `select (extract(epoch from at) / 60)::integer as minute, sum(total)::integer as "all", sum(bad)::integer as bad
       from accept_minutes where source <> $1 and at > waybill_now() - interval '6 hours' group by at order by at`,
      [source],
    );
  }
}
