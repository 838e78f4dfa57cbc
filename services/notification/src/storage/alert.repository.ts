import { Injectable } from '@nestjs/common';
import { newId } from '@waybill/contracts';
import { Work } from '@waybill/work-queue';
import { DataSource, In, LessThan, MoreThan, Not } from 'typeorm';
import type { Alert, AlertState, Silence } from '../domain/alert.ts';
import { decideAlerts } from '../domain/alert-decision.ts';
import { type Observation, observedAfter } from '../domain/observation.ts';
import { AlertEntity, ObservationEntity, SilenceEntity } from './alert.entities.ts';

/** The queue with a job for each alert that is sent through a channel. */
export const alertQueue = 'alerts';

/** One alert to send. */
export interface AlertJob {
  readonly alertId: string;
  readonly event: 'firing' | 'resolved';
  readonly channel: string;
}

/** A gateway that has gone reports no more. */
const forgetAfter = 3_600_000;

/** Alerts and silences. Jobs that send alerts are committed together with them. */
@Injectable()
export class AlertRepository {
  /** When this process decided for the first time. */
  private since: Date | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly work: Work,
  ) {}

  /** Keeps the latest observation of a gateway, and how often in a row it did not get a value. */
  async observe(observation: Observation): Promise<void> {
    const observations = this.dataSource.getRepository(ObservationEntity);
    const before = await observations.findOneBy({ source: observation.source });
    await observations.save(observedAfter(before, observation) as ObservationEntity);
  }

  /** Raises and resolves alerts by what gateways have seen, and sends them through each of the channels. */
  async update(now: Date, repeatAfter: number, channels: readonly string[]): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      // Whoever loses the lease in the middle must not decide on what another has changed.
      await manager.query(`select pg_advisory_xact_lock(hashtextextended('alerts', 0))`);
      const old = new Date(now.getTime() - forgetAfter).toISOString();
      const observations = await manager.find(ObservationEntity);
      const open = await manager.find(AlertEntity, {
        where: { state: Not('resolved') },
        lock: { mode: 'pessimistic_write' },
      });
      const silences = await manager.findBy(SilenceEntity, { endsAt: MoreThan(now.toISOString()) });
      this.since ??= now;
      const { since } = this;
      const decision = decideAlerts({
        observations,
        open,
        silences,
        now,
        since,
        repeatAfter,
        newId,
      });
      await manager.save(AlertEntity, decision.write as AlertEntity[]);
      const jobs = decision.send.flatMap(({ alert, event }) =>
        channels.map((channel) => ({
          queue: alertQueue,
          key: `${alert.id}/${event}/${channel}`,
          data: { alertId: alert.id, event, channel } satisfies AlertJob,
        })),
      );
      await this.work.add(manager, jobs);
      if (observations.some(({ at }) => at >= old))
        await manager.delete(ObservationEntity, { at: LessThan(old) });
    });
  }

  async find(id: string): Promise<Alert | undefined> {
    return (await this.dataSource.getRepository(AlertEntity).findOneBy({ id })) ?? undefined;
  }

  /** Newest first. */
  list(state: AlertState | undefined, before: string | undefined, limit: number): Promise<Alert[]> {
    return this.dataSource.getRepository(AlertEntity).find({
      where: {
        ...(state ? { state } : {}),
        ...(before === undefined ? {} : { id: LessThan(before) }),
      },
      order: { id: 'DESC' },
      take: limit,
    });
  }

  /** False if it is resolved, or there is none. An alert that is acknowledged already stays as it is. */
  async acknowledge(id: string, by: string, now: Date): Promise<boolean> {
    const alerts = this.dataSource.getRepository(AlertEntity);
    await alerts.update(
      { id, state: 'firing' },
      { state: 'acknowledged', acknowledgedAt: now.toISOString(), acknowledgedBy: by },
    );
    return alerts.existsBy({ id, state: In(['acknowledged']) });
  }

  async silence(silence: Silence): Promise<void> {
    await this.dataSource.getRepository(SilenceEntity).insert(silence as SilenceEntity);
  }

  /** Those that have not ended, the oldest first. */
  silences(now: Date, after: string | undefined, limit: number): Promise<Silence[]> {
    return this.dataSource.getRepository(SilenceEntity).find({
      where: {
        endsAt: MoreThan(now.toISOString()),
        ...(after === undefined ? {} : { id: MoreThan(after) }),
      },
      order: { id: 'ASC' },
      take: limit,
    });
  }

  /** False if there is none. */
  async endSilence(id: string): Promise<boolean> {
    const { affected } = await this.dataSource.getRepository(SilenceEntity).delete({ id });
    return affected === 1;
  }
}
