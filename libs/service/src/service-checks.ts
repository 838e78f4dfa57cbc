import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Brokers, Messaging, Storage } from '@waybill/messaging';
import {
  brokerChecks,
  ChannelCounts,
  Disk,
  gaugeService,
  Health,
  healthChecks,
  Metrics,
  measureChannels,
  measureRelay,
  processLag,
} from '@waybill/observability';
import { DataSource } from 'typeorm';
import { Depths, measureDepths } from './ops/depths.ts';
import { ServiceSettings } from './service-settings.ts';

/** Adds health checks and metrics of a service's consumer, database, brokers and process. */
@Injectable()
export class ServiceChecks implements OnModuleInit {
  constructor(
    private readonly health: Health,
    private readonly metrics: Metrics,
    private readonly settings: ServiceSettings,
    private readonly disk: Disk,
    private readonly messaging: Messaging,
    private readonly brokers: Brokers,
    private readonly storage: Storage,
    private readonly dataSource: DataSource,
    private readonly counts: ChannelCounts,
    private readonly depths: Depths,
  ) {}

  onModuleInit(): void {
    const { health, metrics, messaging, storage, dataSource, disk } = this;
    const { limits } = this.settings.host;
    health.add(
      {
        name: 'consumer',
        unit: 'not running',
        limit: 1,
        neededToServe: true,
        read: () => (messaging.isWorking ? 0 : 1),
      },
      ...healthChecks({ storage, dataSource, limits, lag: processLag(), disk }),
      ...brokerChecks(this.brokers),
    );
    gaugeService(metrics, health, () => messaging.consumer.backlog());
    measureChannels(metrics, this.counts);
    measureDepths(metrics, this.depths);
    measureRelay(metrics, () => storage.relay.takeLags?.() ?? []);
  }
}
