import { Injectable } from '@nestjs/common';
import { countsAsAttempt, isRetriable } from '@waybill/messaging';
import type { Job } from '@waybill/work-queue';
import { type Mail, Mailer } from '../domain/mailer.ts';
import type { Ended } from '../storage/delivery.repository.ts';
import { EmailMetrics } from './email.metrics.ts';
import { waitForMailServer } from './mail-server-pause.ts';

/** After a failed attempt each next one waits longer, an hour at most: these take a day. */
export const attempts = 30;

/** Sends the mail of a job. */
@Injectable()
export class EmailSender {
  constructor(
    private readonly mailer: Mailer,
    private readonly metrics: EmailMetrics,
  ) {}

  /** How its deliveries end; rejects if they do not end yet, and another attempt follows. */
  async send(mail: Mail, { attempt, signal }: Pick<Job, 'attempt' | 'signal'>): Promise<Ended> {
    await waitForMailServer(this.mailer, signal);
    try {
      await this.mailer.send(mail);
      return { status: 'sent' };
    } catch (error) {
      if (!countsAsAttempt(error)) throw error;
      const { message } = error as Error;
      if (!isRetriable(error)) return { status: 'bounced', error: message };
      this.metrics.count('failed');
      if (attempt >= attempts) return { status: 'dead', error: message };
      throw error;
    }
  }
}
