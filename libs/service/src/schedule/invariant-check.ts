import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '@waybill/messaging';
import { type HealthCheck, LOGGER, type Log } from '@waybill/observability';
import { DataSource } from 'typeorm';
import { SERVICE_OPTIONS, type ServiceOptions } from '../service-options.ts';
import { ServiceSettings } from '../service-settings.ts';
import { Scheduled, type TaskRun } from './scheduled.ts';

/** Milliseconds between the two readings of which both must find the same. */
const confirmAfter = 5_000;

/** Checks the invariants of a service again and again, in one of its replicas. */
@Injectable()
export class InvariantCheck {
  private found: { readonly broken: readonly string[]; readonly until: number } | null = null;

  constructor(
    @Inject(SERVICE_OPTIONS) private readonly options: Pick<ServiceOptions, 'invariants'>,
    private readonly settings: ServiceSettings,
    private readonly dataSource: DataSource,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly log: Log,
  ) {}

  /** How many were broken at the last reading; none if another replica has read since. */
  readonly health: HealthCheck = {
    name: 'invariants',
    unit: 'broken',
    limit: 1,
    read: () => {
      const isCurrent = this.found !== null && this.clock.now().getTime() < this.found.until;
      return isCurrent ? (this.found?.broken.length ?? 0) : 0;
    },
  };

  /** What is broken at two readings is broken; several statements of one reading may see different moments. */
  @Scheduled({ name: 'invariants', every: (_, { invariantsEvery }) => invariantsEvery })
  async check({ signal }: Pick<TaskRun, 'signal'>): Promise<void> {
    const { invariants } = this.options;
    if (!invariants) return;
    let broken: readonly string[] = await invariants(this.dataSource);
    if (broken.length > 0) {
      await pause(confirmAfter, undefined, { signal, ref: false });
      const still = new Set(await invariants(this.dataSource));
      broken = broken.filter((each) => still.has(each));
    }
    const until = this.clock.now().getTime() + 2 * this.settings.host.invariantsEvery;
    this.found = { broken, until };
    for (const each of broken) this.log.error({ invariant: each }, 'an invariant is broken');
  }
}
