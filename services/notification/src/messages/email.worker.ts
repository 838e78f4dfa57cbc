import { Injectable } from '@nestjs/common';
import { FieldCipher } from '@waybill/encryption';
import { countsAsAttempt, isRetriable } from '@waybill/messaging';
import { type Job, WorksOn } from '@waybill/work-queue';
import { mailsAtATime } from '../clients/smtp.client.ts';
import { type Delivery, shownId, wants } from '../domain/delivery.ts';
import { renderEmail } from '../domain/email.ts';
import { Mailer } from '../domain/mailer.ts';
import { DeliveryRepository, type Ended } from '../storage/delivery.repository.ts';
import { PreferencesRepository } from '../storage/preferences.repository.ts';
import { EmailMetrics } from './email.metrics.ts';
import { waitForMailServer } from './mail-server-pause.ts';
import { type EmailJob, emailQueue } from './notified.ts';

/** After a failed attempt each next one waits longer, an hour at most: these take a day. */
export const attempts = 30;

/**
 * Sends e-mails. What a mail server has accepted is committed once. If this process ends between the two, the mail is sent again under
 * the same Message-ID.
 */
@Injectable()
export class EmailWorker {
  constructor(
    private readonly deliveries: DeliveryRepository,
    private readonly preferences: PreferencesRepository,
    private readonly mailer: Mailer,
    private readonly cipher: FieldCipher,
    private readonly metrics: EmailMetrics,
  ) {}

  @WorksOn(emailQueue, { concurrency: mailsAtATime, attempts, firstDelay: 5_000, lease: 60_000 })
  async send({ data, attempt, signal, complete }: Job<EmailJob>): Promise<void> {
    const delivery = await this.deliveries.find(data.deliveryId);
    if (delivery?.status !== 'queued') return;
    if (await this.isUnwanted(delivery)) {
      await complete((manager) =>
        this.deliveries.end(manager, [delivery.id], { status: 'suppressed' }),
      );
      return;
    }
    await waitForMailServer(this.mailer, signal);
    const ended = await this.attempt(delivery, attempt >= attempts);
    await complete((manager) => this.deliveries.end(manager, [delivery.id], ended));
    this.metrics.count(ended.status);
  }

  /** How the delivery ends; throws if it does not end yet. */
  private async attempt(delivery: Delivery, isLast: boolean): Promise<Ended> {
    const { template, news, locale, resends } = delivery;
    const [to, customerName] = await Promise.all([
      this.cipher.decrypt(delivery.recipient),
      this.cipher.decrypt(news.customerName),
    ]);
    if (to === undefined) return { status: 'suppressed' };
    const mail = renderEmail(template, { ...news, customerName: customerName ?? '' }, locale);
    const id = `${shownId(delivery.id)}${resends > 0 ? `.${resends}` : ''}`;
    try {
      await this.mailer.send({ id, to, ...mail });
      return { status: 'sent' };
    } catch (error) {
      if (!countsAsAttempt(error)) throw error;
      const { message } = error as Error;
      if (!isRetriable(error)) return { status: 'bounced', error: message };
      this.metrics.count('failed');
      if (isLast) return { status: 'dead', error: message };
      throw error;
    }
  }

  /** The customer has changed the preferences since, or sends back what a thank-you is about. */
  private async isUnwanted({ customerId, orderId, template }: Delivery): Promise<boolean> {
    if (customerId && !wants(await this.preferences.of(customerId), template)) return true;
    return template === 'thank-you' && orderId !== null && this.deliveries.isReturned(orderId);
  }
}
