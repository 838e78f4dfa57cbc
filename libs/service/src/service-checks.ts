import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { Brokers, CLOCK, type Clock, every, Messaging, Storage } from '@waybill/messaging';
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
import { Resilience } from '@waybill/resilience';
import { DataSource } from 'typeorm';
import { breakerChecks } from './breaker-checks.ts';
import { channelChecks } from './channel-checks.ts';
import { HOST, type Host } from './host.ts';
import { Depths, measureDepths } from './ops/depths.ts';
import { InvariantCheck } from './schedule/invariant-check.ts';
import { ServiceSettings } from './service-settings.ts';

/** Adds health checks and metrics of a service's consumer, database, brokers and process. */
@Injectable()
export class ServiceChecks
  implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown
{
  private endSamples = (): void => undefined;

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
    private readonly invariants: InvariantCheck,
    private readonly providers: ModuleRef,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(HOST) private readonly host: Pick<Host, 'isGuest'>,
  ) {}

  onModuleInit(): void {
    const { health, metrics, messaging, storage, dataSource, disk, counts, depths } = this;
    const { limits, channelLimits } = this.settings.host;
    health.add(
      {
        name: 'consumer',
        unit: 'not running',
        limit: 1,
        neededToServe: true,
        read: () => (messaging.isWorking ? 0 : 1),
      },
      ...healthChecks({
        storage,
        dataSource,
        limits,
        process: this.host.isGuest ? null : { lag: processLag(), disk },
      }),
      ...brokerChecks(this.brokers),
      this.invariants.health,
      ...channelChecks({ counts, depths, limits: channelLimits }),
    );
    gaugeService(metrics, health, () => messaging.consumer.backlog());
    measureChannels(metrics, counts);
    measureDepths(metrics, depths);
    measureRelay(metrics, () => storage.relay.takeLags?.() ?? []);
  }

  /** The clients of external systems exist by now, with their breakers. */
  onApplicationBootstrap(): void {
    const resilience = this.resilience();
    if (resilience) this.health.add(...breakerChecks(resilience));
    const { samples } = this.settings.host;
    this.endSamples = every(
      this.clock,
      samples.every,
      () => this.health.sample(),
      () => undefined,
    );
  }

  beforeApplicationShutdown(): void {
    this.endSamples();
  }

  /** A service without external systems has none. */
  private resilience(): Resilience | null {
    try {
      return this.providers.get(Resilience, { strict: false });
    } catch {
      return null;
    }
  }
}
