export {
  openDevelopmentIssuer,
  verifierFrom,
} from './access.ts';
export { AccessGuard, identityHeaders } from './auth/access.guard.ts';
export {
  auditName,
  Caller,
  Internal,
  isOperator,
  Public,
  type Role,
  Roles,
  Tokenless,
} from './auth/caller.ts';
export {
  DevelopmentIssuer,
  developmentIssuerName,
  type IssuedToken,
} from './auth/development-issuer.ts';
export { type DevelopmentUser, developmentUsersConfig } from './auth/development-users.config.ts';
export { ServiceTokens } from './auth/service-tokens.ts';
export { TokenController } from './auth/token.controller.ts';
export {
  InvalidToken,
  JwtVerifier,
  remoteVerifier,
  type TokenVerifier,
} from './auth/token-verifier.ts';
export { serviceProblems } from './config/check-settings.ts';
export { grpcConfig } from './config/grpc.config.ts';
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
export { type RedisSettings, redisSettings, redisVariables } from './config/redis.config.ts';
export { secret, settingsOf } from './config/secret.ts';
export { timeSpan } from './config/time-span.ts';
export { type Certificate, type TlsConfig, tlsConfig } from './config/tls.config.ts';
export { Answers, AnswersAs, MayAnswer, Refuses, Takes } from './docs/answers.ts';
export { type ApiDocument, mergeOpenApi, openApiOf } from './docs/open-api.ts';
export { problemContent } from './docs/problem.schema.ts';
export { serveDocs } from './docs/serve-docs.ts';
export { GRPC_TRANSPORT } from './grpc/service-grpc.ts';
export { HOST, type Host } from './host.ts';
export { type Hosted, hosted } from './hosted.ts';
export { answerProblem, stopping } from './http/answer-problem.ts';
export { checkHead } from './http/check-head.ts';
export { type AppOptions, createApp, type HostedApp } from './http/create-app.ts';
export { Draining } from './http/draining.ts';
export { EventStream, type StreamEvent } from './http/event-stream.ts';
export { badLastEventId, EventStreams, lastEventIdOf } from './http/event-streams.ts';
export { letBy } from './http/let-by.ts';
export { answerMalformed } from './http/malformed-request.ts';
export { type ListFilter, type Page, PagedList, paging, type Reading } from './http/page.ts';
export { type FieldError, Problem, type ProblemBody, problemType } from './http/problem.ts';
export { problemOf } from './http/problem-of.ts';
export { defaultBodyLimit, type Route, RouteTable } from './http/route-table.ts';
export { securityHeaders } from './http/security-headers.ts';
export { ServiceAdapter } from './http/service-adapter.ts';
export { Trace, traceFields, traceIdOf } from './http/trace.ts';
export { wholeNumber } from './http/whole-number.ts';
export { LiveUpdates } from './live-updates.ts';
export { migrateService } from './migrate-service.ts';
export { Disk } from './observe/disk.ts';
export {
  Health,
  type HealthCheck,
  type HealthReport,
  type HealthStatus,
} from './observe/health.ts';
export { createLog, type Log, type LogLevel } from './observe/log.ts';
export { Metrics, mergedMetrics } from './observe/metrics.ts';
export { causalOrder } from './ops/causal-order.ts';
export type { ChannelReport } from './ops/channels.ts';
export type { JourneyRow } from './ops/journey.ts';
export type { DeadLetterAccess, Operations } from './ops/operations.ts';
export { RemoteOperations } from './ops/remote-operations.ts';
export { type Merged, SystemOperations } from './ops/system-operations.ts';
export { isAway } from './own-process/is-away.ts';
export { WaitingLines } from './own-process/waiting-lines.ts';
export { type Waiting, whenAble } from './own-process/when-able.ts';
export { prepareService, startService } from './prepare-service.ts';
export { republish } from './republish.ts';
export { runService, type ServiceProcess } from './run-service.ts';
export type { PreparedService, RunningService } from './running-service.ts';
export { ServiceModule } from './service.module.ts';
export {
  declarationOf,
  type Said,
  type SaidContext,
  type SeedContext,
  type ServiceDeclaration,
  type ServiceModuleClass,
  type ServiceOptions,
} from './service-options.ts';
export { ServiceSettings } from './service-settings.ts';
export { CLOCK, CONFIG, LOGGER, PROBLEM_STATUSES, TOKEN_VERIFIER } from './tokens.ts';
