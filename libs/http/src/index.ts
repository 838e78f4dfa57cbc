export { answerProblem, stopping } from './answer-problem.ts';
export {
  type ActionEnd,
  AUDIT_TRAIL,
  type AuditTrail,
  type OperatorAction,
} from './audit/audit-trail.ts';
export { Unaudited } from './audit/unaudited.ts';
export { AccessGuard, countryHeader, identityHeaders, networkHeader } from './auth/access.guard.ts';
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
export { type DevelopmentUser, developmentUsers } from './auth/development-users.config.ts';
export { ownIssuer } from './auth/own-issuer.ts';
export { hashPassword, isPassword, unknownPasswordHash } from './auth/password.ts';
export { PublishedKeys } from './auth/published-keys.ts';
export { type RemoteIssuer, remoteVerifier } from './auth/remote-issuer.ts';
export { ServiceTokens } from './auth/service-tokens.ts';
export { InvalidToken, JwtVerifier, type TokenVerifier } from './auth/token-verifier.ts';
export { checkHead } from './check-head.ts';
export { csvLine } from './csv-line.ts';
export { Answers, AnswersAs, MayAnswer, Refuses, Takes } from './docs/answers.ts';
export { type ApiDocument, mergeOpenApi, openApiOf } from './docs/open-api.ts';
export { problemContent } from './docs/problem.schema.ts';
export { serveDocs } from './docs/serve-docs.ts';
export { Draining } from './draining.ts';
export { EdgeModule } from './edge.module.ts';
export { EventStream, type StreamEvent } from './event-stream.ts';
export { badLastEventId, EventStreams, lastEventIdOf } from './event-streams.ts';
export { HealthController } from './health.controller.ts';
export { HttpDoor } from './http-door.ts';
export { type Idempotency, idempotencyOf, type KeptAnswer, sendKept } from './idempotency.ts';
export { parseJson } from './json-body.ts';
export { letBy } from './let-by.ts';
export { answerMalformed } from './malformed-request.ts';
export { type ListFilter, type Page, PagedList, paging, type Reading } from './page.ts';
export { revealing, seesPersonalData, type Wish } from './personal-data.ts';
export { type FieldError, Problem, type ProblemBody, problemType } from './problem.ts';
export { problemOf } from './problem-of.ts';
export { defaultBodyLimit, type Route, RouteTable } from './route-table.ts';
export { securityHeaders } from './security-headers.ts';
export { type FailedRequest, ServerErrors } from './server-errors.ts';
export { type Certificate, ServiceAdapter } from './service-adapter.ts';
export { type StreamedBody, StreamsBody } from './streamed-body.ts';
export { PROBLEM_STATUSES, TOKEN_VERIFIER } from './tokens.ts';
export { wholeNumber } from './whole-number.ts';
