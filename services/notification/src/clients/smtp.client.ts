import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import {
  circuitBreaker,
  failuresInARow,
  type Pipeline,
  Resilience,
  timeout,
} from '@waybill/resilience';
import { CONFIG } from '@waybill/service';
import { createTransport } from 'nodemailer';
import { type Mail, Mailer } from '../domain/mailer.ts';
import type { NotificationConfig } from '../notification.config.ts';
import { MailNotSent, MailRefused, replyOf } from './smtp-reply.ts';

/** Connections to the mail server, and mails that are sent at a time. */
export const mailsAtATime = 4;

/** One address, and nothing that another reader could take for two. */
const oneAddress = /^[^\s@<>,;:"()[\]\\]+@[^\s@<>,;:"()[\]\\]+$/;

/** Sends e-mails by SMTP. Three failures in a row open its circuit breaker for half a minute. */
@Injectable()
export class SmtpClient extends Mailer implements OnApplicationShutdown {
  private readonly pipeline: Pipeline;
  private readonly transport: ReturnType<typeof transportTo> | null;

  constructor(
    @Inject(CONFIG)
    private readonly config: Pick<NotificationConfig, 'smtpUrl' | 'mailFrom'>,
    resilience: Resilience,
  ) {
    super();
    this.pipeline = resilience.pipeline(
      'smtp',
      circuitBreaker({ opensAt: failuresInARow(3), staysOpen: '30s' }),
      timeout('20s'),
    );
    this.transport = config.smtpUrl === null ? null : transportTo(config.smtpUrl);
  }

  isPaused(): boolean {
    return this.pipeline.state() === 'open';
  }

  async send({ to, id, subject, text, html }: Mail): Promise<void> {
    const { transport } = this;
    if (!transport) throw new MailNotSent('there is no mail server');
    if (!oneAddress.test(to)) throw new MailRefused('the address of the recipient is malformed');
    const domain = /@([^>]+)/.exec(this.config.mailFrom)?.[1];
    await this.pipeline.run(async () => {
      try {
        await transport.sendMail({
          from: this.config.mailFrom,
          to: { name: '', address: to },
          messageId: `<${id}@${domain}>`,
          subject,
          text,
          html,
          // Nobody is to be answered by an absence note.
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
      } catch (error) {
        throw replyOf(error);
      }
    });
  }

  onApplicationShutdown(): void {
    this.transport?.close();
  }
}

const transportTo = (url: string) =>
  createTransport(
    {
      url,
      pool: true,
      maxConnections: mailsAtATime,
      connectionTimeout: 5_000,
      greetingTimeout: 5_000,
      socketTimeout: 15_000,
    },
    { disableFileAccess: true, disableUrlAccess: true },
  );
