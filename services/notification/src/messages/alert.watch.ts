import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '@waybill/messaging';
import { CONFIG, Scheduled } from '@waybill/service';
import { AlertChannels } from '../clients/alert-channels.ts';
import type { NotificationConfig } from '../notification.config.ts';
import { AlertRepository } from '../storage/alert.repository.ts';

/** Raises, repeats and resolves alerts, in one replica at a time. */
@Injectable()
export class AlertWatch {
  constructor(
    private readonly alerts: AlertRepository,
    private readonly channels: AlertChannels,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<NotificationConfig, 'alerts'>,
  ) {}

  @Scheduled<NotificationConfig>({ name: 'alerts', every: ({ alerts }) => alerts.every })
  async look(): Promise<void> {
    const { repeatAfter } = this.config.alerts;
    await this.alerts.update(this.clock.now(), repeatAfter, this.channels.configured());
  }
}
