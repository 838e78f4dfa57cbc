import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { SloMinute } from '@waybill/observability';
import { Repository } from 'typeorm';
import { SloMinuteEntity } from './slo-minute.entity.ts';

/** What the goals have seen, so that a new process knows of it. */
@Injectable()
export class SloMinuteRepository {
  constructor(
    @InjectRepository(SloMinuteEntity) private readonly minutes: Repository<SloMinuteEntity>,
  ) {}

  async of(goal: string): Promise<readonly SloMinute[]> {
    const rows = await this.minutes.findBy({ goal });
    return rows.map(({ at, total, bad }) => ({
      minute: Math.floor(Date.parse(at) / 60_000),
      all: total,
      bad,
    }));
  }

  /** Every replica sees every order, so the one that has seen most of a minute is right. */
  async keep(goal: string, seen: readonly SloMinute[]): Promise<void> {
    const at = seen.map(({ minute }) => new Date(minute * 60_000).toISOString());
    await this.minutes.query(
      `insert into slo_minutes (goal, at, total, bad)
        select $1, * from unnest($2::timestamptz[], $3::integer[], $4::integer[])
        on conflict (goal, at) do update
          set total = greatest(slo_minutes.total, excluded.total), bad = greatest(slo_minutes.bad, excluded.bad)`,
      [goal, at, seen.map(({ all }) => all), seen.map(({ bad }) => bad)],
    );
  }
}
