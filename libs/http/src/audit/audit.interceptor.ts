import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import { newId } from '@waybill/contracts';
import { LOGGER, type Log } from '@waybill/observability';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { auditName, isOperator } from '../auth/caller.ts';
import { problemOf } from '../problem-of.ts';
import { PROBLEM_STATUSES } from '../tokens.ts';
import { AUDIT_TRAIL, type AuditTrail, type OperatorAction } from './audit-trail.ts';
import { isUnaudited } from './unaudited.ts';

const reads = new Set(['GET', 'HEAD']);
const longestReason = 500;

/**
 * Audits every request of an operator that changes something or gives a `reason`, except those of an `Unaudited` route: before
 * it begins, and again with its status. A request that cannot be audited is refused.
 */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  constructor(
    @Inject(AUDIT_TRAIL) private readonly trail: AuditTrail,
    @Inject(PROBLEM_STATUSES) private readonly statuses: Readonly<Record<string, number>>,
    @Inject(LOGGER) private readonly log: Log,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    if (Reflect.getMetadata(isUnaudited, context.getHandler())) return next.handle();
    const http = context.switchToHttp();
    const action = actionOf(http.getRequest<FastifyRequest>());
    return action
      ? from(this.audited(action, next, http.getResponse<FastifyReply>()))
      : next.handle();
  }

  private async audited(action: OperatorAction, next: CallHandler, reply: FastifyReply) {
    await this.trail.began(action);
    try {
      const answer = await lastValueFrom(next.handle(), { defaultValue: undefined });
      await this.end(action, reply.statusCode, createdBy(reply));
      return answer;
    } catch (error) {
      await this.end(action, problemOf(error, this.statuses).status);
      throw error;
    }
  }

  /** The action has taken effect, so its caller gets the response even if its end cannot be stored. */
  private async end({ id, action }: OperatorAction, status: number, created: string | null = null) {
    try {
      await this.trail.ended(id, { status, subject: created });
    } catch (error) {
      this.log.warn({ error, audit: id, action, status }, 'the audit lacks how an action ended');
    }
  }
}

function actionOf({ caller, method, query, body, params, routeOptions }: FastifyRequest) {
  if (!caller || !isOperator(caller)) return null;
  const given = reasonIn(query);
  if (reads.has(method) && given === undefined) return null;
  const reason = given ?? reasonIn(body);
  const subject = Object.values(params as Record<string, string>).join('/');
  return {
    id: newId(),
    operator: auditName(caller),
    action: `${method} ${(routeOptions.url ?? '').replaceAll(/:(\w+)/g, '{$1}')}`,
    subject: subject || null,
    reason: typeof reason === 'string' ? reason.slice(0, longestReason) : null,
  };
}

const reasonIn = (input: unknown): unknown =>
  typeof input === 'object' && input !== null && 'reason' in input ? input.reason : undefined;

/** The last part of the `Location` of what a request has created. */
function createdBy(reply: FastifyReply): string | null {
  const location = reply.getHeader('location');
  return typeof location === 'string' ? location.slice(location.lastIndexOf('/') + 1) : null;
}
