import {
  type DynamicModule,
  type FactoryProvider,
  Global,
  Module,
  type Provider,
} from '@nestjs/common';
import { DiscoveryModule, ModuleRef } from '@nestjs/core';
import { ScheduleModule } from '@nestjs/schedule';
import {
  AUDIT_TRAIL,
  Draining,
  EdgeModule,
  EventStreams,
  HealthController,
  PROBLEM_STATUSES,
  ServiceTokens,
  TOKEN_VERIFIER,
} from '@waybill/http';
import {
  BrokerRequests,
  Brokers,
  CLOCK,
  type Clock,
  MESSAGING_OPTIONS,
  Messaging,
  type MessagingOptions,
  systemClock,
} from '@waybill/messaging';
import {
  ChannelCounts,
  createLog,
  Disk,
  Health,
  LOGGER,
  type Log,
  Metrics,
  SparseWarnings,
  Tracing,
} from '@waybill/observability';
import { PERSISTENCE_OPTIONS } from '@waybill/persistence';
import { DataSource } from 'typeorm';
import { verifierFrom } from './access.ts';
import { auditProviders } from './audit/audit.providers.ts';
import { channelProviders } from './channels/channel.providers.ts';
import { ChannelOperationsController } from './channels/channel-operations.controller.ts';
import { PausedChannels } from './channels/paused-channels.ts';
import { ServiceChannels } from './channels/service-channels.ts';
import { faultProviders } from './faults/fault.providers.ts';
import { fieldCipherProviders } from './field-cipher.ts';
import { GrpcDoor, grpcTransportProvider, OutgoingRequests } from './grpc/service-grpc.ts';
import { HOST, type Host } from './host.ts';
import { LiveUpdates } from './live-updates.ts';
import { messagingOptions } from './messaging-options.ts';
import { tracingProvider } from './open-tracing.ts';
import { Depths } from './ops/depths.ts';
import { Exports } from './ops/exports.ts';
import { Jobs } from './ops/jobs.ts';
import { OperationsController } from './ops/operations.controller.ts';
import { OPERATIONS } from './ops/operations.ts';
import { PersonalParts } from './ops/personal-parts.ts';
import { Projections } from './ops/projections.ts';
import { ServiceOperations } from './ops/service-operations.ts';
import { persistenceOptions } from './persistence-options.ts';
import { RedriveJobs } from './redrives/redrive-jobs.ts';
import { RedrivesController } from './redrives/redrives.controller.ts';
import { scheduleProviders } from './schedule/schedule.providers.ts';
import { SelfDescription, SelfDescriptionController } from './self-description.ts';
import { ServiceChecks } from './service-checks.ts';
import { SERVICE_OPTIONS, type ServiceOptions } from './service-options.ts';
import { ServiceSettings } from './service-settings.ts';
import { CONFIG, FAULTS } from './tokens.ts';

/** Injects the `Host` that was passed to a service; absent if a test overrides `HOST`. */
export const GIVEN_HOST = Symbol('waybill:given-host');

/** A provider made by a function of other providers. */
const made = <A extends readonly unknown[]>(
  provide: FactoryProvider['provide'],
  inject: NonNullable<FactoryProvider['inject']>,
  useFactory: (...of: A) => unknown,
): FactoryProvider => ({
  provide,
  inject,
  useFactory: useFactory as FactoryProvider['useFactory'],
});

const settings: Provider[] = [
  made(HOST, [{ token: GIVEN_HOST, optional: true }], (given?: Host) => {
    if (given) return given;
    throw new TypeError(
      'a service needs a Host: start it with runService or startService, or override HOST in a test',
    );
  }),
  made(
    ServiceSettings,
    [SERVICE_OPTIONS, HOST],
    (options: ServiceOptions, host: Host) => new ServiceSettings(options, host),
  ),
  made(CONFIG, [ServiceSettings], ({ own }: ServiceSettings) => own),
  made(CLOCK, [HOST], ({ clock = systemClock }: Host) => clock),
  made(
    LOGGER,
    [SERVICE_OPTIONS, ServiceSettings],
    ({ name }: ServiceOptions, { host }: ServiceSettings) =>
      createLog({ service: name, level: host.logLevel }),
  ),
];

const access: Provider[] = [
  made(
    TOKEN_VERIFIER,
    [ServiceSettings, HOST, CLOCK],
    (all: ServiceSettings, host: Host, clock: Clock) =>
      host.tokenVerifier ?? verifierFrom(all.access, clock),
  ),
  made(
    ServiceTokens,
    [SERVICE_OPTIONS, ServiceSettings, CLOCK],
    ({ name }: ServiceOptions, all: ServiceSettings, clock: Clock) =>
      new ServiceTokens(name, all.access.serviceSecret, clock),
  ),
  made(PROBLEM_STATUSES, [SERVICE_OPTIONS], ({ problems = {} }: ServiceOptions) => problems),
];

/** What a service tells of itself. */
const described = [Projections, Exports, PersonalParts, SelfDescription];

const observation: Provider[] = [
  made(
    Metrics,
    [SERVICE_OPTIONS, ServiceSettings],
    ({ name }: ServiceOptions, { host }: ServiceSettings) => new Metrics(name, host.instance),
  ),
  made(
    Health,
    [SERVICE_OPTIONS, ServiceSettings],
    ({ name }: ServiceOptions, { host }: ServiceSettings) => new Health(name, host.samples),
  ),
  made(SparseWarnings, [LOGGER, CLOCK], (log: Log, clock: Clock) => new SparseWarnings(log, clock)),
  made(
    ChannelCounts,
    [Metrics, SparseWarnings],
    (metrics: Metrics, warnings: SparseWarnings) => new ChannelCounts(metrics, warnings),
  ),
  made(
    Depths,
    [Brokers, Messaging],
    (brokers: Brokers, messaging: Messaging) => new Depths(brokers, () => messaging.groups()),
  ),
  tracingProvider,
  made(Disk, [ServiceSettings], ({ host, access: of }: ServiceSettings) => Disk.of(host, of)),
  ServiceChecks,
  made(Jobs, [SERVICE_OPTIONS], ({ name }: ServiceOptions) => new Jobs(name)),
  ...described,
  RedriveJobs,
  ServiceOperations,
  { provide: OPERATIONS, useExisting: ServiceOperations },
];

const messages: Provider[] = [
  made(
    OutgoingRequests,
    [SERVICE_OPTIONS, ServiceSettings, ServiceTokens, HOST, CLOCK, Tracing],
    (
      options: ServiceOptions,
      all: ServiceSettings,
      tokens: ServiceTokens,
      { brokers }: Host,
      clock: Clock,
      { tracer }: Tracing,
    ) =>
      new OutgoingRequests(
        options,
        all,
        tokens,
        new BrokerRequests(brokers, { source: options.name, clock }),
        tracer,
      ),
  ),
  made(
    MESSAGING_OPTIONS,
    [
      SERVICE_OPTIONS,
      HOST,
      ServiceSettings,
      CLOCK,
      LOGGER,
      ChannelCounts,
      OutgoingRequests,
      Tracing,
      DataSource,
      FAULTS,
      PausedChannels,
      ModuleRef,
    ],
    messagingOptions,
  ),
  made(
    PERSISTENCE_OPTIONS,
    [SERVICE_OPTIONS, HOST, ServiceSettings, CLOCK, LOGGER, SparseWarnings, Tracing],
    persistenceOptions,
  ),
  made(
    LiveUpdates,
    [MESSAGING_OPTIONS],
    ({ brokers }: MessagingOptions) => new LiveUpdates(brokers),
  ),
  made(
    EventStreams,
    [CLOCK, ServiceSettings, Draining],
    (clock: Clock, { host }: ServiceSettings, draining: Draining) => {
      const streams = new EventStreams(clock, host.streams);
      draining.onBegin(() => streams.close());
      return streams;
    },
  ),
  grpcTransportProvider,
  GrpcDoor,
];

const exported = [
  HOST,
  ServiceSettings,
  CONFIG,
  FAULTS,
  CLOCK,
  LOGGER,
  AUDIT_TRAIL,
  TOKEN_VERIFIER,
  ServiceTokens,
  PROBLEM_STATUSES,
  SERVICE_OPTIONS,
  Metrics,
  Tracing,
  Health,
  Disk,
  OPERATIONS,
  ServiceChannels,
  Jobs,
  ...described,
  MESSAGING_OPTIONS,
  PERSISTENCE_OPTIONS,
  LiveUpdates,
  EventStreams,
  grpcTransportProvider.provide,
  GrpcDoor,
];

/**
 * The common part of every service: settings, logs, health, metrics, access, problems, operations, and the options
 * of `PersistenceModule` and `MessagingModule`.
 */
@Global()
@Module({})
export class ServiceModule {
  static forRoot<C>(options: ServiceOptions<C>): DynamicModule {
    const fields = options.dataKeys ? fieldCipherProviders(options.dataKeys) : [];
    return {
      module: ServiceModule,
      imports: [DiscoveryModule, EdgeModule, ScheduleModule.forRoot()],
      controllers: [
        HealthController,
        OperationsController,
        ChannelOperationsController,
        RedrivesController,
        SelfDescriptionController,
      ],
      providers: [
        { provide: SERVICE_OPTIONS, useValue: options },
        ...settings,
        ...access,
        ...auditProviders,
        ...channelProviders,
        ...faultProviders,
        ...scheduleProviders,
        ...observation,
        ...messages,
        ...fields,
      ],
      exports: [...exported, ...fields, EdgeModule],
    };
  }
}
