import { randomUUID } from 'node:crypto';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { CLOCK, type Clock, every } from '@waybill/messaging';
import type { HealthReport } from '@waybill/observability';
import { HEALTH_RECEIVER, type HealthReceiver, type ProcessHealth } from './health-receiver.ts';
import { SystemHealth } from './http/system-health.ts';

const reportEvery = 10_000;

/** Reports what this gateway sees of the health of the system, so that alerts are raised. */
@Injectable()
export class HealthReporter implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly source = randomUUID();
  private stop = (): void => undefined;

  constructor(
    private readonly health: SystemHealth,
    @Inject(HEALTH_RECEIVER) private readonly receiver: HealthReceiver | null,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    const { receiver, clock } = this;
    if (!receiver) return;
    // While nobody takes it there is nothing to do: the receiver notices that nothing comes.
    const report = async () =>
      receiver.receive(this.source, (await this.health.reports()).map(processHealth));
    this.stop = every(clock, reportEvery, report, () => undefined);
  }

  beforeApplicationShutdown(): void {
    this.stop();
  }
}

/** One process of a service; a check `reachable` stands for one that did not answer. */
export const processHealth = ({ service, checks }: HealthReport): ProcessHealth => ({
  service,
  answered: checks.every(({ name }) => name !== 'reachable'),
  bad: checks.flatMap(({ name, status, value, threshold, unit, about }) =>
    status === 'healthy'
      ? []
      : [{ name, status, value, threshold, unit, ...(about === undefined ? {} : { about }) }],
  ),
});
