import { Inject, Injectable } from '@nestjs/common';
import { DeadLetters } from '@waybill/dead-letter';
import { Brokers, CLOCK, type Clock, Messaging } from '@waybill/messaging';
import { ChannelCounts } from '@waybill/observability';
import { poolOf } from '@waybill/persistence';
import { DataSource } from 'typeorm';
import { ServiceAudit } from '../audit/service-audit.ts';
import { PausedChannels } from '../channels/paused-channels.ts';
import { ServiceChannels } from '../channels/service-channels.ts';
import { ServiceFaults } from '../faults/service-faults.ts';
import { ServiceMessages } from '../messages/service-messages.ts';
import { RedriveJobs } from '../redrives/redrive-jobs.ts';
import { SERVICE_OPTIONS, type ServiceOptions } from '../service-options.ts';
import { type ChannelReport, channelsOf } from './channels.ts';
import { Depths } from './depths.ts';
import { Exports } from './exports.ts';
import { Jobs } from './jobs.ts';
import { type JourneyRow, journeyOf } from './journey.ts';
import type { Operations } from './operations.ts';
import { PersonalParts } from './personal-parts.ts';
import { Projections } from './projections.ts';
import { metricsOf, type ServiceMetrics } from './service-metrics.ts';

/** The operations of a service in its own process. */
@Injectable()
export class ServiceOperations implements Operations {
  readonly service: string;
  private readonly startedAt: Date;
  private letters: DeadLetters | null = null;

  constructor(
    @Inject(SERVICE_OPTIONS) { name }: Pick<ServiceOptions, 'name'>,
    private readonly messaging: Messaging,
    private readonly brokers: Brokers,
    private readonly counts: ChannelCounts,
    private readonly dataSource: DataSource,
    private readonly paused: PausedChannels,
    readonly control: ServiceChannels,
    readonly messages: ServiceMessages,
    readonly redrives: RedriveJobs,
    readonly faults: ServiceFaults,
    readonly audit: ServiceAudit,
    readonly projections: Projections,
    readonly jobs: Jobs,
    readonly exports: Exports,
    readonly personalData: PersonalParts,
    private readonly depths: Depths,
    @Inject(CLOCK) clock: Clock,
  ) {
    this.service = name;
    this.startedAt = clock.now();
  }

  /** Created lazily, because the subscriptions of a service are known only once its application is made. */
  get deadLetters(): DeadLetters {
    this.letters ??= new DeadLetters({
      service: this.service,
      pool: poolOf(this.dataSource),
      contracts: this.messaging.contracts(),
      wake: () => this.messaging.wake(),
    });
    return this.letters;
  }

  async channels(): Promise<readonly ChannelReport[]> {
    const paused = await this.paused.read().catch(() => undefined);
    return channelsOf(this.service, this.messaging.groups(), this.brokers, this.counts, paused);
  }

  async metrics(): Promise<readonly ServiceMetrics[]> {
    const { service, startedAt, brokers, counts, depths } = this;
    const groups = this.messaging.groups();
    return [await metricsOf({ service, startedAt, groups, brokers, counts, depths })];
  }

  async journey(key: string): Promise<readonly JourneyRow[]> {
    return journeyOf(this.service, this.dataSource, key);
  }
}
