import {
  applyDecorators,
  createParamDecorator,
  type ExecutionContext,
  SetMetadata,
} from '@nestjs/common';
import { ApiSecurity } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Refuses } from '../docs/answers.ts';

export const roles = ['customer', 'operator'] as const;
export type Role = (typeof roles)[number];

/** Who calls, as a verified token says. */
export interface Caller {
  readonly id: string;
  readonly roles: readonly Role[];
  readonly name: string;
  readonly email: string;
  /** When the token ends, in milliseconds since 1970; for answers that may outlive it. */
  readonly expiresAt?: number;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null on public routes that were called without a token. */
    caller: Caller | null;
  }
}

/** The parameter of a route that gets the caller; null on a public route without a token. */
export const Caller = createParamDecorator(
  (_: unknown, context: ExecutionContext): Caller | null =>
    context.switchToHttp().getRequest<FastifyRequest>().caller,
);

export const isPublic = 'waybill:public';
export const isTokenless = 'waybill:tokenless';
export const neededRoles = 'waybill:roles';
export const isInternal = 'waybill:internal';

/** The route needs no token; one that is sent must still be valid. */
export const Public = () =>
  applyDecorators(SetMetadata(isPublic, true), ApiSecurity({}), ApiSecurity('bearer'));

/**
 * The route looks at no token, and at no other `Authorization` either: a signature or a password decides, or nothing
 * does. Its caller is null.
 */
export const Tokenless = () => applyDecorators(SetMetadata(isTokenless, true), ApiSecurity({}));

/** The route, or every route of the controller, is for callers with one of the roles; others get 403. */
export const Roles = (...allowed: readonly Role[]) =>
  applyDecorators(
    SetMetadata(neededRoles, allowed),
    ApiSecurity('bearer', [...allowed]),
    Refuses(403, 'forbidden'),
  );

/** The route is for other services of the system, which show a service token. */
export const Internal = () => SetMetadata(isInternal, true);

/** By whom something was done, for the audit: a token may say no e-mail address. */
export const auditName = ({ email, id }: Caller): string => email || id;

/** True for operators, who may see what belongs to anybody. */
export const isOperator = (caller: Caller): boolean => caller.roles.includes('operator');
