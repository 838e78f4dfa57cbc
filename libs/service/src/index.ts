export { verifierFrom } from './access.ts';
export type { AuditAccess, AuditedAction, AuditFilter } from './audit/audit-access.ts';
export { SystemAudit } from './audit/system-audit.ts';
export {
  brokerSchemas,
  brokerVariables,
  InvalidBrokerSettings,
  type LogBounds,
  type ProfileName,
  profileName,
} from './brokers/broker-settings.config.ts';
export {
  brokerProblems,
  brokersNamed,
  type OpenBrokersOptions,
  openBrokers,
  routesOf,
} from './brokers/open-brokers.ts';
export type { BrowsedMessage, ChannelAccess, Purged } from './channels/channel-access.ts';
export { seekTarget } from './channels/seek-target.ts';
export { ServiceChannels } from './channels/service-channels.ts';
export { type ChannelDetail, SystemChannels } from './channels/system-channels.ts';
export { blobStore, blobVariables } from './config/blobs.config.ts';
export { serviceProblems } from './config/check-settings.ts';
export { type FaultsConfig, faultsConfig } from './config/faults.config.ts';
export { flag } from './config/flag.ts';
export { grpcAddress, grpcConfig } from './config/grpc.config.ts';
export {
  type AccessConfig,
  accessConfig,
  drainDelay,
  type HostConfig,
  hostConfig,
  startPatience,
} from './config/host.config.ts';
export { plaintextProblems } from './config/plaintext.ts';
export {
  type Environment,
  InvalidConfig,
  isDeployed,
  readSettings,
  settingProblems,
} from './config/read-settings.ts';
export { outlastsRedelivery, redeliveryVariables } from './config/redelivery.config.ts';
export { type RedisSettings, redisSettings, redisVariables } from './config/redis.config.ts';
export { addressOrSandbox } from './config/sandbox-address.ts';
export { secret, secretsOf, settingsOf } from './config/secret.ts';
export { timeSpan } from './config/time-span.ts';
export { type TlsConfig, tlsConfig } from './config/tls.config.ts';
export { tracingConfig } from './config/tracing.config.ts';
export { type FaultAccess, type FaultReport, longestLatency } from './faults/fault-access.ts';
export { type FaultPoint, FaultPoints, faultEffects } from './faults/fault-points.ts';
export { FaultyResilience } from './faults/faulty-resilience.ts';
export { SystemFaults } from './faults/system-faults.ts';
export { GRPC_TRANSPORT } from './grpc/service-grpc.ts';
export { HOST, type Host } from './host.ts';
export { type Hosted, hosted } from './hosted.ts';
export { IdempotencyKeys1796700000031 } from './idempotency/idempotency-keys.ts';
export {
  IdempotencyKeyReused,
  type StoredAnswer,
  storeAnswer,
  storedAnswerOf,
  storedAnswerRefs,
  storedAnswers,
} from './idempotency/stored-answers.ts';
export { type Invariant, violation, violationsOf } from './invariants.ts';
export { LiveUpdates } from './live-updates.ts';
export {
  type DeferredMessage,
  type MessageAccess,
  type MessagePlace,
  messagePlaces,
  messageStates,
} from './messages/message-access.ts';
export { type FoundMessage, SystemMessages } from './messages/system-messages.ts';
export { migrateService } from './migrate-service.ts';
export { openTracing } from './open-tracing.ts';
export { causalOrder } from './ops/causal-order.ts';
export type { ChannelReport } from './ops/channels.ts';
export {
  ExportDeleted,
  type ExportFile,
  ExportJobs,
  type ExportJobsParts,
  type ExportStore,
} from './ops/export-jobs.ts';
export { type ExportAccess, type ExportRequest, Exports, exportRequest } from './ops/exports.ts';
export { type Job, type JobAccess, Jobs, jobAnswer } from './ops/jobs.ts';
export type { JourneyRow } from './ops/journey.ts';
export type { MetricsSummary } from './ops/metrics-summary.ts';
export { type DeadLetterAccess, OPERATIONS, type Operations } from './ops/operations.ts';
export {
  mostIds,
  onePage,
  type PartPage,
  type PartQuery,
  type PersonalDataAccess,
  PersonalParts,
} from './ops/personal-parts.ts';
export {
  type ManagedProjection,
  type ProjectionAccess,
  type ProjectionReport,
  Projections,
} from './ops/projections.ts';
export { RemoteOperations } from './ops/remote-operations.ts';
export type { ServiceMetrics } from './ops/service-metrics.ts';
export { type Merged, SystemOperations } from './ops/system-operations.ts';
export { isAway } from './own-process/is-away.ts';
export { WaitingLines } from './own-process/waiting-lines.ts';
export { type Waiting, whenAble } from './own-process/when-able.ts';
export { prepareService, startService } from './prepare-service.ts';
export type { RedriveAccess, RedriveRequest } from './redrives/redrive-access.ts';
export { republish } from './republish.ts';
export { runService, type ServiceProcess } from './run-service.ts';
export type { PreparedService, RunningService } from './running-service.ts';
export { Scheduled, type TaskRun } from './schedule/scheduled.ts';
export { ServiceModule } from './service.module.ts';
export { serviceMigrations } from './service-migrations.ts';
export {
  type DataKeysRequest,
  declarationOf,
  type PublishedContext,
  type PublishedMessage,
  type SeedContext,
  type ServiceDeclaration,
  type ServiceModuleClass,
  type ServiceOptions,
} from './service-options.ts';
export { ServiceSettings } from './service-settings.ts';
export { CONFIG, FAULTS } from './tokens.ts';
export { WorkGauges } from './work-gauges.ts';
