import { Inject, Injectable } from '@nestjs/common';
import { type DataOf, NotificationCollected } from '@waybill/contracts';
import { batchConsumer, Handles } from '@waybill/messaging';
import { storeFailure } from '@waybill/persistence';
import { CONFIG } from '@waybill/service';
import { type NewJob, Work } from '@waybill/work-queue';
import { DataSource } from 'typeorm';
import type { NotificationConfig } from '../notification.config.ts';
import { DigestRepository } from '../storage/digest.repository.ts';

type Collected = DataOf<typeof NotificationCollected>;

export const digestQueue = 'digest';

/** What the job of a digest knows. */
export interface DigestJob {
  readonly customerId: string;
}

/** Milliseconds. */
const periods = { hourly: 3_600_000, daily: 86_400_000 };

/** The end of the hour or the day (UTC) of an instant. */
export function endOfPeriod(digest: Collected['digest'], at: string): Date {
  const period = periods[digest];
  return new Date((Math.floor(Date.parse(at) / period) + 1) * period);
}

/** The database did not take a batch, for a reason that is not in the batch. */
class NotScheduled extends Error {
  readonly code = 'not_scheduled';
  readonly countsAsAttempt = false;
}

/** Schedules digests: one job per customer, at the end of the period, or at once when there are enough notifications. */
@Injectable()
export class DigestConsumer {
  constructor(
    private readonly dataSource: DataSource,
    private readonly work: Work,
    private readonly digests: DigestRepository,
    @Inject(CONFIG) private readonly config: Pick<NotificationConfig, 'digestSize'>,
  ) {}

  @Handles()
  collect() {
    return batchConsumer(NotificationCollected, {
      group: 'notification.digests',
      write: async (batch) => {
        try {
          await this.schedule(batch.map(({ data }) => data as Collected));
        } catch (error) {
          if (storeFailure(error) === 'data') throw error;
          throw new NotScheduled((error as Error).message, { cause: error });
        }
        return batch.map(({ id }) => ({ id }));
      },
    });
  }

  private async schedule(batch: readonly Collected[]): Promise<void> {
    const byCustomer = new Map(batch.map((each) => [each.customerId, each]));
    await this.dataSource.transaction(async (manager) => {
      const waiting = await this.digests.waiting(manager, [...byCustomer.keys()]);
      const jobs = [...byCustomer.values()].map(({ customerId, digest, at }): NewJob<DigestJob> => {
        const isFull = (waiting.get(customerId) ?? 0) >= this.config.digestSize;
        return {
          queue: digestQueue,
          key: customerId,
          priority: 'low',
          ...(isFull ? {} : { dueAt: endOfPeriod(digest, at) }),
          data: { customerId },
        };
      });
      await this.work.add(manager, jobs);
    });
  }
}
