import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import type { Clock } from '@waybill/messaging';
import { CLOCK } from '@waybill/messaging';
import type { Log } from '@waybill/observability';
import { HttpMetrics, LOGGER, Metrics } from '@waybill/observability';
import { AuditInterceptor } from './audit/audit.interceptor.ts';
import { AccessGuard } from './auth/access.guard.ts';
import { Draining } from './draining.ts';
import { HttpDoor } from './http-door.ts';
import { MediaTypeGuard } from './media-type.guard.ts';
import { ProblemFilter } from './problem.filter.ts';
import { ServerErrors } from './server-errors.ts';
import { PROBLEM_STATUSES } from './tokens.ts';
import { UndeclaredInputGuard } from './undeclared-input.guard.ts';
import { ValidationPipe } from './validation.pipe.ts';

/** The HTTP edge of every application: problems, access, strict input, the audit, metrics by route, and an orderly shutdown. */
@Module({
  providers: [
    Draining,
    HttpDoor,
    {
      provide: HttpMetrics,
      inject: [Metrics],
      useFactory: (metrics: Metrics) => new HttpMetrics(metrics),
    },
    {
      provide: ServerErrors,
      inject: [LOGGER, CLOCK],
      useFactory: (log: Log, clock: Clock) => new ServerErrors(log, clock),
    },
    {
      provide: ProblemFilter,
      inject: [ServerErrors, PROBLEM_STATUSES],
      useFactory: (errors: ServerErrors, statuses: Readonly<Record<string, number>>) =>
        new ProblemFilter(errors, statuses),
    },
    { provide: APP_FILTER, useExisting: ProblemFilter },
    { provide: APP_PIPE, useClass: ValidationPipe },
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_GUARD, useClass: MediaTypeGuard },
    { provide: APP_GUARD, useClass: UndeclaredInputGuard },
    { provide: APP_INTERCEPTOR, useClass: AuditInterceptor },
  ],
  exports: [Draining, HttpDoor, ServerErrors],
})
export class EdgeModule {}
