import { Inject, Injectable } from '@nestjs/common';
import { CONFIG } from '@waybill/service';
import { type Job, WorksOn } from '@waybill/work-queue';
import { AlertChannels, alertChannels } from '../clients/alert-channels.ts';
import { alertText } from '../domain/alert-text.ts';
import type { NotificationConfig } from '../notification.config.ts';
import { type AlertJob, AlertRepository, alertQueue } from '../storage/alert.repository.ts';

/** Sends alerts: a job for each channel, so that one that fails is tried again and holds up no other. */
@Injectable()
export class AlertWorker {
  constructor(
    private readonly alerts: AlertRepository,
    private readonly channels: AlertChannels,
    @Inject(CONFIG) private readonly config: Pick<NotificationConfig, 'alerts'>,
  ) {}

  @WorksOn(alertQueue, { concurrency: alertChannels.length, attempts: 10, firstDelay: 2_000 })
  async send({ data }: Job<AlertJob>): Promise<void> {
    const channel = this.channels.configured().find((each) => each === data.channel);
    const alert = await this.alerts.find(data.alertId);
    // The settings have changed since, or it is over before anybody was told of it.
    if (!channel || !alert || (data.event === 'firing' && alert.state === 'resolved')) return;
    await this.channels.send(channel, {
      id: `${alert.id}.${data.event}`,
      severity: data.event === 'resolved' ? 'info' : alert.severity,
      ...alertText(alert, data.event, this.config.alerts.links),
    });
  }
}
