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

/** The caller, as stated by a verified token. */
export interface Caller {
  readonly id: string;
  readonly roles: readonly Role[];
  readonly name: string;
  readonly email: string;
  /** When the token expires, in milliseconds since 1970; for responses that may outlive it. */
  readonly expiresAt?: number;
  /** The session in which the token was issued, if its issuer names one. */
  readonly session?: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null on public routes called without a token. */
    caller: Caller | null;
  }
}

/** Parameter decorator: the caller; null on a public route without a token. */
export const Caller = createParamDecorator(
  (_: unknown, context: ExecutionContext): Caller | null =>
    context.switchToHttp().getRequest<FastifyRequest>().caller,
);

export const isPublic = 'waybill:public';
export const isTokenless = 'waybill:tokenless';
export const neededRoles = 'waybill:roles';
export const isInternal = 'waybill:internal';

/** The route needs no token; a token that is sent must still be valid. */
export const Public = () =>
  applyDecorators(SetMetadata(isPublic, true), ApiSecurity({}), ApiSecurity('bearer'));

/**
 * The route ignores tokens and every other `Authorization` header: it checks a signature or a password itself, or is open to all.
 * Its caller is null.
 */
export const Tokenless = () => applyDecorators(SetMetadata(isTokenless, true), ApiSecurity({}));

/** The route, or every route of the controller, is for callers with one of the roles; others get 403. */
export const Roles = (...allowed: readonly Role[]) =>
  applyDecorators(
    SetMetadata(neededRoles, allowed),
    ApiSecurity('bearer', [...allowed]),
    Refuses(403, 'forbidden'),
  );

/** The route is for other services of the system, which send a service token. */
export const Internal = () => SetMetadata(isInternal, true);

/** The caller's name for the audit; a token may lack an e-mail address. */
export const auditName = ({ email, id }: Caller): string => email || id;

/** True for operators, who may see everybody's data. */
export const isOperator = (caller: Caller): boolean => caller.roles.includes('operator');
