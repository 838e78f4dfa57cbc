import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Log } from '@waybill/observability';
import { CONFIG } from '@waybill/service';
import type { AlertText } from '../domain/alert-text.ts';
import { html } from '../domain/html.ts';
import { Mailer } from '../domain/mailer.ts';
import type { NotificationConfig } from '../notification.config.ts';

/** Through what alerts are sent. */
export const alertChannels = ['log', 'email', 'slack'] as const;
export type AlertChannel = (typeof alertChannels)[number];

/** An alert as it is sent; `id` is the same for every try. */
export interface AlertNote extends AlertText {
  readonly id: string;
  readonly severity: 'page' | 'ticket' | 'info';
}

const patience = 10_000;

/** Sends alerts to the log, to an e-mail address and to a webhook that takes the messages of Slack. */
@Injectable()
export class AlertChannels {
  constructor(
    private readonly mailer: Mailer,
    @Inject(CONFIG) private readonly config: Pick<NotificationConfig, 'alerts' | 'smtpUrl'>,
    @Inject(LOGGER) private readonly log: Pick<Log, 'error' | 'info'>,
  ) {}

  /** The channels that the settings name; the log is always one. */
  configured(): readonly AlertChannel[] {
    const { alerts, smtpUrl } = this.config;
    const isThere = {
      log: true,
      email: alerts.email !== null && smtpUrl !== null,
      slack: alerts.slackUrl !== null,
    };
    return alertChannels.filter((channel) => isThere[channel]);
  }

  /** Rejects if the channel does not take it. */
  async send(channel: AlertChannel, note: AlertNote): Promise<void> {
    if (channel === 'email') await this.mail(note);
    else if (channel === 'slack') await this.post(note);
    else if (note.severity === 'info') this.log.info({ alert: note.lines }, note.subject);
    else this.log.error({ alert: note.lines }, note.subject);
  }

  private async mail({ id, subject, lines }: AlertNote): Promise<void> {
    const { email } = this.config.alerts;
    if (email === null) throw new Error('there is no address for alerts');
    const page = html`<p>${lines.map((line) => html`${line}<br>\n`)}</p>\n`;
    await this.mailer.send({ id, to: email, subject, text: lines.join('\n'), html: page.text });
  }

  /** The URL is a secret, so errors do not name it. */
  private async post({ subject, lines }: AlertNote): Promise<void> {
    const { slackUrl } = this.config.alerts;
    if (slackUrl === null) throw new Error('there is no webhook for alerts');
    const response = await fetch(slackUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: [`*${escaped(subject)}*`, ...lines.map(escaped)].join('\n') }),
      redirect: 'error',
      signal: AbortSignal.timeout(patience),
    }).catch(() => {
      throw new Error('the webhook for alerts did not answer');
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the webhook for alerts answered ${response.status}`);
  }
}

/** Of Slack's control characters. */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
