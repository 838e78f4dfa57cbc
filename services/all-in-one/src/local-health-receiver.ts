import { HealthReceiver, type ProcessHealth } from '@waybill/gateway';
import { systemClock } from '@waybill/messaging';
import { AcceptMinuteRepository, AlertRepository } from '@waybill/notification';
import type { RunningService } from '@waybill/service';

/** Passes what the gateway sees to the notification service in this process. */
export class LocalHealthReceiver extends HealthReceiver {
  private readonly alerts: AlertRepository;
  private readonly minutes: AcceptMinuteRepository;

  constructor(services: readonly RunningService[]) {
    super();
    const notification = services.find(({ name }) => name === 'notification');
    if (!notification) throw new TypeError('there is no notification service in this process');
    this.alerts = notification.app.get(AlertRepository);
    this.minutes = notification.app.get(AcceptMinuteRepository);
  }

  receive(source: string, processes: readonly ProcessHealth[]): Promise<void> {
    return this.alerts.observe({ source, processes, at: systemClock.now().toISOString() });
  }

  count(...[source, accepts]: Parameters<HealthReceiver['count']>) {
    return this.minutes.exchange(source, accepts);
  }
}
