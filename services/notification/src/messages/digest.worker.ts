import { Inject, Injectable } from '@nestjs/common';
import { FieldCipher } from '@waybill/encryption';
import { CONFIG } from '@waybill/service';
import { type Job, Work, WorksOn } from '@waybill/work-queue';
import type { EntityManager } from 'typeorm';
import { type Delivery, wants } from '../domain/delivery.ts';
import { type Email, renderDigest } from '../domain/email.ts';
import type { NotificationConfig } from '../notification.config.ts';
import { DeliveryRepository, type Ended } from '../storage/delivery.repository.ts';
import { DigestRepository, type PutTogether } from '../storage/digest.repository.ts';
import { PreferencesRepository } from '../storage/preferences.repository.ts';
import { type DigestJob, digestQueue } from './digest.consumer.ts';
import { EmailMetrics } from './email.metrics.ts';
import { attempts, EmailSender } from './email.sender.ts';

/** Sends digests: one e-mail with all notifications of a customer that have waited for it, those with one template after each other. */
@Injectable()
export class DigestWorker {
  constructor(
    private readonly digests: DigestRepository,
    private readonly deliveries: DeliveryRepository,
    private readonly preferences: PreferencesRepository,
    private readonly sender: EmailSender,
    private readonly cipher: FieldCipher,
    private readonly work: Work,
    private readonly metrics: EmailMetrics,
    @Inject(CONFIG) private readonly config: Pick<NotificationConfig, 'digestSize'>,
  ) {}

  @WorksOn(digestQueue, { concurrency: 1, attempts, firstDelay: 5_000, lease: 60_000 })
  async send(job: Job<DigestJob>): Promise<void> {
    const { data, complete } = job;
    const { customerId } = data;
    const digest = await this.digests.next(customerId, this.config.digestSize);
    if (!digest) return;
    const preferences = await this.preferences.of(customerId);
    const isWanted = ({ template }: Delivery): boolean => wants(preferences, template);
    const wanted = digest.deliveries.filter(isWanted);
    const others = digest.deliveries.filter((each) => !isWanted(each));
    const ended: Ended =
      wanted.length === 0
        ? { status: 'suppressed' }
        : await this.attempt({ ...digest, deliveries: wanted }, job);
    await complete(async (manager) => {
      await this.deliveries.end(manager, idsOf(wanted), ended);
      await this.deliveries.end(manager, idsOf(others), { status: 'suppressed' });
      await this.addNext(manager, customerId);
    });
    this.metrics.count(ended.status, wanted.length);
  }

  /** More than one digest holds, or what has come meanwhile, follows at once. */
  private async addNext(manager: EntityManager, customerId: string): Promise<void> {
    const waiting = await this.digests.waiting(manager, [customerId]);
    if (!waiting.has(customerId)) return;
    const data: DigestJob = { customerId };
    await this.work.add(manager, { queue: digestQueue, key: customerId, priority: 'low', data });
  }

  private async attempt(digest: PutTogether, job: Job<DigestJob>): Promise<Ended> {
    const mail = await this.rendered(digest.deliveries);
    return mail
      ? this.sender.send({ id: `${digest.id}.digest`, ...mail }, job)
      : { status: 'suppressed' };
  }

  /** Undefined once the customer is erased. It goes to the address that the latest notification has. */
  private async rendered(
    deliveries: readonly Delivery[],
  ): Promise<(Email & { readonly to: string }) | undefined> {
    const latest = deliveries.at(-1);
    const to = latest && (await this.cipher.decrypt(latest.recipient));
    if (to === undefined) return undefined;
    const name = await this.cipher.decrypt(latest?.news.customerName ?? '');
    return { to, ...renderDigest(deliveries, name ?? '', latest?.locale ?? 'en') };
  }
}

const idsOf = (deliveries: readonly Delivery[]): string[] => deliveries.map(({ id }) => id);
