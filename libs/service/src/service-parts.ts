import { DeadLetters } from '@waybill/dead-letter';
import type { GrpcTransport } from '@waybill/grpc/server';
import {
  BrokerIngest,
  BrokerRequests,
  type Clock,
  handlersOf,
  Ingest,
  Requests,
  Submitter,
} from '@waybill/messaging';
import { DataSource } from 'typeorm';
import { AttachedSubmitter } from './attached-submitter.ts';
import { ServiceTokens } from './auth/service-tokens.ts';
import type { TokenVerifier } from './auth/token-verifier.ts';
import type { GrpcConfig } from './config/grpc.config.ts';
import type { AccessConfig, HostConfig } from './config/host.config.ts';
import type { Certificate } from './config/tls.config.ts';
import { openApiOf } from './docs/open-api.ts';
import {
  SELF_DESCRIPTION,
  type SelfDescription,
  SelfDescriptionController,
} from './docs/self-description.ts';
import { type AskedRequests, grpcTransportOf, requestsBy } from './grpc/service-grpc.ts';
import { hostedModule } from './hosted-module.ts';
import { createApp, type HostedApp } from './http/create-app.ts';
import { Draining } from './http/draining.ts';
import { EventStreams } from './http/event-streams.ts';
import { LiveUpdates } from './live-updates.ts';
import { brokerChecks } from './observe/broker-checks.ts';
import { ChannelCounts } from './observe/channel-counts.ts';
import { countedRelay } from './observe/counted-relay.ts';
import { Disk } from './observe/disk.ts';
import { HealthController } from './observe/health.controller.ts';
import { Health } from './observe/health.ts';
import { healthChecks } from './observe/health-checks.ts';
import type { Log } from './observe/log.ts';
import { Metrics } from './observe/metrics.ts';
import { processLag } from './observe/process-load.ts';
import { gaugeService, measureRelay } from './observe/service-gauges.ts';
import { SparseWarnings } from './observe/sparse-warnings.ts';
import { channelsOf } from './ops/channels.ts';
import { journeyOf } from './ops/journey.ts';
import { OperationsController } from './ops/operations.controller.ts';
import { OPERATIONS, type Operations } from './ops/operations.ts';
import type { Host } from './running-service.ts';
import type { ServiceDefinition } from './service-definition.ts';
import { ServiceMessaging } from './service-messaging.ts';
import type { Storage } from './storage.ts';
import { CLOCK, CONFIG, LOGGER } from './tokens.ts';

/** What a service is made from. */
export interface ServiceGround {
  readonly definition: ServiceDefinition;
  readonly host: Host;
  readonly settings: unknown;
  readonly hostSettings: HostConfig;
  readonly access: AccessConfig;
  readonly grpc: GrpcConfig;
  /** By which it serves HTTP and gRPC; null where it does so in the clear, or has no door. */
  readonly certificate: Certificate | null;
  readonly clock: Clock;
  readonly log: Log;
  readonly storage: Storage;
  readonly verifier: TokenVerifier;
}

/** A service put together; nothing runs yet. */
export interface ServiceParts extends ServiceGround {
  readonly metrics: Metrics;
  readonly health: Health;
  readonly hosted: HostedApp;
  readonly messaging: ServiceMessaging;
  readonly submitter: AttachedSubmitter;
  readonly operations: Operations;
  readonly draining: Draining;
  /** Null when it serves none. */
  readonly grpcTransport: GrpcTransport | null;
  readonly asked: AskedRequests;
}

/** Puts a service together: the application first, because its handlers make the consumer. */
export async function putTogether(ground: ServiceGround): Promise<ServiceParts> {
  const { definition, host, storage, clock, log, hostSettings } = ground;
  const { name } = definition;
  const metrics = new Metrics(name, hostSettings.instance);
  const health = new Health(name);
  const counts = new ChannelCounts(metrics, new SparseWarnings(log, clock));
  const submitter = new AttachedSubmitter();
  const operations: Operations = {
    service: name,
    get deadLetters() {
      return deadLetters;
    },
    channels: () => channelsOf(name, messaging.groups(), host.brokers, counts),
    journey: (key) => journeyOf(name, storage.dataSource, key),
  };
  const self: SelfDescription = {
    service: name,
    routes: () => hosted.routes.all(),
    document: () => openApiOf(hosted.app, 'Waybill'),
  };
  const serviceTokens = new ServiceTokens(name, ground.access.serviceSecret, clock);
  const broker = new BrokerRequests(host.brokers, { source: name, clock });
  const draining = new Draining();
  const streams = new EventStreams(clock, hostSettings.streams);
  draining.onBegin(() => streams.close());
  const asked = requestsBy(ground, serviceTokens, broker);
  const disk = Disk.of(hostSettings, ground.access);
  const hosted = await createAppOf(ground, {
    metrics,
    health,
    submitter,
    operations,
    streams,
    draining,
    self,
    serviceTokens,
    asked,
    disk,
  });
  const hears = handlersOf(hosted.app);
  const deadLetters = new DeadLetters({
    service: name,
    pool: storage.pool,
    contracts: [...hears.handlers, ...hears.sinks].map(({ contract }) => contract),
    wake: () => messaging.wake(),
  });
  const messaging = new ServiceMessaging({
    service: name,
    store: storage.store,
    relay: countedRelay(storage.relay, metrics),
    brokers: host.brokers,
    hears,
    clock,
    observer: counts,
    shards: hostSettings.groupShards,
    ...hostSettings.profile,
    oldest: () => storage.oldest(),
    ...(storage.crashMarks ? { crashMarks: storage.crashMarks } : {}),
  });
  health.add(
    ...healthChecks({
      storage,
      limits: hostSettings.limits,
      lag: processLag(),
      disk,
    }),
    ...brokerChecks(host.brokers),
  );
  gaugeService(metrics, health, () => messaging.consumer.backlog());
  measureRelay(metrics, () => storage.relay.takeLags?.() ?? []);
  const grpcTransport = await grpcTransportOf(ground, {
    metrics,
    health,
    serviceTokens,
    started: () => submitter.isAttached,
  });
  return {
    ...ground,
    metrics,
    health,
    hosted,
    messaging,
    submitter,
    operations,
    draining,
    grpcTransport,
    asked,
  };
}

interface Provided {
  readonly metrics: Metrics;
  readonly health: Health;
  readonly submitter: AttachedSubmitter;
  readonly operations: Operations;
  readonly streams: EventStreams;
  readonly draining: Draining;
  readonly self: SelfDescription;
  readonly serviceTokens: ServiceTokens;
  readonly asked: AskedRequests;
  readonly disk: Disk;
}

function createAppOf(ground: ServiceGround, provided: Provided): Promise<HostedApp> {
  const { definition, settings, clock, log, storage, verifier } = ground;
  const { serviceTokens } = provided;
  const from = { source: definition.name, clock };
  const { brokers } = ground.host;
  const module = isClass(definition.module) ? definition.module : definition.module(settings);
  return createApp({
    certificate: ground.certificate,
    module: hostedModule(
      module,
      [
        { provide: CONFIG, useValue: settings },
        { provide: CLOCK, useValue: clock },
        { provide: LOGGER, useValue: log },
        { provide: Submitter, useValue: provided.submitter },
        { provide: Requests, useValue: provided.asked.requests },
        { provide: Ingest, useValue: new BrokerIngest(brokers, from) },
        { provide: LiveUpdates, useValue: new LiveUpdates(brokers) },
        { provide: EventStreams, useValue: provided.streams },
        { provide: Draining, useValue: provided.draining },
        { provide: DataSource, useValue: storage.dataSource },
        { provide: Metrics, useValue: provided.metrics },
        { provide: Health, useValue: provided.health },
        { provide: Disk, useValue: provided.disk },
        { provide: ServiceTokens, useValue: serviceTokens },
        { provide: OPERATIONS, useValue: provided.operations },
        { provide: SELF_DESCRIPTION, useValue: provided.self },
      ],
      [HealthController, OperationsController, SelfDescriptionController],
    ),
    log,
    clock,
    metrics: provided.metrics,
    verifier,
    serviceTokens,
    ...(definition.problems ? { problems: definition.problems } : {}),
  });
}

type ModuleClass = Extract<ServiceDefinition['module'], abstract new (...args: never) => unknown>;

/** A module is a class, what makes one is not. */
const isClass = (module: ServiceDefinition['module']): module is ModuleClass =>
  Function.prototype.toString.call(module).startsWith('class');
