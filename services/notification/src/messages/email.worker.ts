import { Injectable } from '@nestjs/common';
import { FieldCipher } from '@waybill/encryption';
import { type Job, WorksOn } from '@waybill/work-queue';
import { mailsAtATime } from '../clients/smtp.client.ts';
import { type Delivery, shownId, wants } from '../domain/delivery.ts';
import { renderEmail } from '../domain/email.ts';
import { DeliveryRepository, type Ended } from '../storage/delivery.repository.ts';
import { PreferencesRepository } from '../storage/preferences.repository.ts';
import { EmailMetrics } from './email.metrics.ts';
import { attempts, EmailSender } from './email.sender.ts';
import { type EmailJob, emailQueue } from './notified.ts';

/**
 * Sends e-mails. What a mail server has accepted is committed once. If this process ends between the two, the mail is sent again under
 * the same Message-ID.
 */
@Injectable()
export class EmailWorker {
  constructor(
    private readonly deliveries: DeliveryRepository,
    private readonly preferences: PreferencesRepository,
    private readonly sender: EmailSender,
    private readonly cipher: FieldCipher,
    private readonly metrics: EmailMetrics,
  ) {}

  @WorksOn(emailQueue, { concurrency: mailsAtATime, attempts, firstDelay: 5_000, lease: 60_000 })
  async send(job: Job<EmailJob>): Promise<void> {
    const { data, complete } = job;
    const delivery = await this.deliveries.find(data.deliveryId);
    if (delivery?.status !== 'queued') return;
    if (await this.isUnwanted(delivery)) {
      await complete((manager) =>
        this.deliveries.end(manager, [delivery.id], { status: 'suppressed' }),
      );
      return;
    }
    const ended = await this.attempt(delivery, job);
    await complete((manager) => this.deliveries.end(manager, [delivery.id], ended));
    this.metrics.count(ended.status);
  }

  /** How the delivery ends; rejects if it does not end yet. */
  private async attempt(delivery: Delivery, job: Job<EmailJob>): Promise<Ended> {
    const { template, news, locale, resends } = delivery;
    const [to, customerName] = await Promise.all([
      this.cipher.decrypt(delivery.recipient),
      this.cipher.decrypt(news.customerName),
    ]);
    if (to === undefined) return { status: 'suppressed' };
    const mail = renderEmail(template, { ...news, customerName: customerName ?? '' }, locale);
    const id = `${shownId(delivery.id)}${resends > 0 ? `.${resends}` : ''}`;
    return this.sender.send({ id, to, ...mail }, job);
  }

  /** The customer has changed the preferences since, or sends back what a thank-you is about. */
  private async isUnwanted({ customerId, orderId, template }: Delivery): Promise<boolean> {
    if (customerId && !wants(await this.preferences.of(customerId), template)) return true;
    return template === 'thank-you' && orderId !== null && this.deliveries.isReturned(orderId);
  }
}
