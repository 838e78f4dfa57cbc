import { Inject, Injectable } from '@nestjs/common';
import { Problem } from '@waybill/http';
import { CONFIG } from '@waybill/service';
import { Work } from '@waybill/work-queue';
import { DataSource } from 'typeorm';
import type { Delivery } from '../domain/delivery.ts';
import type { NotificationConfig } from '../notification.config.ts';
import { DeliveryRepository } from '../storage/delivery.repository.ts';
import { type EmailJob, emailQueue } from './notified.ts';

/** Sends e-mails again that an operator chooses. */
@Injectable()
export class Resends {
  constructor(
    private readonly dataSource: DataSource,
    private readonly work: Work,
    private readonly deliveries: DeliveryRepository,
    @Inject(CONFIG) private readonly config: Pick<NotificationConfig, 'smtpUrl'>,
  ) {}

  /** Puts the e-mail into the queue; undefined if there is no such delivery. Each time it has another Message-ID. */
  async queue(id: string): Promise<Delivery | undefined> {
    if (this.config.smtpUrl === null)
      throw new Problem(409, 'no_mail_server', 'e-mails are not sent: there is no mail server');
    const found = await this.deliveries.find(id);
    if (!found) return undefined;
    const isQueued = await this.dataSource.transaction(async (manager) => {
      if (!(await this.deliveries.requeue(manager, id))) return false;
      const data: EmailJob = { deliveryId: id };
      await this.work.add(manager, { queue: emailQueue, key: id, priority: 'high', data });
      return true;
    });
    if (!isQueued) throw new Problem(409, 'already_queued', `${found.status} already`);
    return (await this.deliveries.find(id)) ?? undefined;
  }
}
