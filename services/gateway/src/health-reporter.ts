import { randomUUID } from 'node:crypto';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { CLOCK, type Clock, every, within } from '@waybill/messaging';
import type { HealthReport, Slo } from '@waybill/observability';
import { ACCEPTS } from './accepts.ts';
import { HEALTH_RECEIVER, type HealthReceiver, type ProcessHealth } from './health-receiver.ts';
import { SystemHealth } from './http/system-health.ts';

const reportEvery = 10_000;
const minuteMs = 60_000;
/** How long a stop may wait for the last counts to be stored. */
const lastCountWithin = 1_000;

/**
 * Reports what this gateway sees of the health of the system, so that alerts are raised. The answers to orders are counted together
 * with those of other gateways, and of this one before its restart.
 */
@Injectable()
export class HealthReporter implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly source = randomUUID();
  private stop = (): void => undefined;
  /** The minute of which the last counts were stored. */
  private counted = 0;

  constructor(
    private readonly health: SystemHealth,
    @Inject(HEALTH_RECEIVER) private readonly receiver: HealthReceiver | null,
    @Inject(ACCEPTS) private readonly accepts: Pick<Slo, 'recent' | 'learn'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    const { receiver, clock } = this;
    if (!receiver) return;
    // While nobody takes it there is nothing to do: the receiver notices that nothing comes.
    const report = async () => {
      // First, so that the health of a gateway that has just started does not end an alert.
      await this.count(receiver).catch(() => undefined);
      await receiver.receive(this.source, (await this.health.reports()).map(processHealth));
    };
    this.stop = every(clock, reportEvery, report, () => undefined);
  }

  /** The current minute is stored again, with what has been added. */
  private async count(receiver: HealthReceiver): Promise<void> {
    const minute = Math.floor(this.clock.now().getTime() / minuteMs);
    const since = this.accepts.recent(minute - this.counted + 1);
    this.accepts.learn(await receiver.count(this.source, since));
    this.counted = minute;
  }

  /** Stores what was counted since the last report: the process that follows would not know of it otherwise. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stop();
    if (this.receiver)
      await within(lastCountWithin, this.count(this.receiver)).catch(() => undefined);
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
