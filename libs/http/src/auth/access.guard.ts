import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../problem.ts';
import { TOKEN_VERIFIER } from '../tokens.ts';
import {
  type Caller,
  isInternal,
  isPublic,
  isTokenless,
  neededRoles,
  type Role,
} from './caller.ts';
import { ServiceTokens } from './service-tokens.ts';
import { InvalidToken, type TokenVerifier } from './token-verifier.ts';

interface Rule {
  readonly access: 'public' | 'tokenless' | 'internal' | 'caller';
  readonly roles: readonly Role[] | null;
}

/** Headers by which a gateway could name the caller: never trusted, never forwarded. */
export const identityHeaders = [
  'x-user-id',
  'x-user-roles',
  'x-customer-id',
  'x-forwarded-user',
  'x-waybill-caller',
  'x-waybill-service',
] as const;

/** The header by which the gateway passes on the country of a caller's address, instead of what the caller sent. */
export const countryHeader = 'x-visitor-country';

/** The header by which the gateway tells apart the networks of callers, without their addresses, instead of what the caller sent. */
export const networkHeader = 'x-visitor-network';

/** Every route needs a valid token unless it has `@Public()` or `@Tokenless()`, and a role if it has `@Roles(...)`. */
@Injectable()
export class AccessGuard implements CanActivate {
  private readonly rules = new WeakMap<object, Map<unknown, Rule>>();

  constructor(
    @Inject(TOKEN_VERIFIER) private readonly verifier: TokenVerifier,
    private readonly serviceTokens: ServiceTokens,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const rule = this.ruleOf(context);
    if (rule.access === 'tokenless') return true;
    const token = bearerOf(request.headers.authorization);
    if (rule.access === 'internal') return this.admitService(token);
    if (token === null) {
      if (rule.access === 'public') return true;
      throw unauthorized('this route needs a bearer token', '');
    }
    return this.admit(request, rule, token);
  }

  /** Stays synchronous for a cached token, because this runs for every request. */
  private admit(request: FastifyRequest, rule: Rule, token: string): boolean | Promise<boolean> {
    let verified: Caller | Promise<Caller>;
    try {
      verified = this.verifier.verify(token);
    } catch (error) {
      return refuse(error);
    }
    if (!(verified instanceof Promise)) return enter(request, rule, verified);
    return verified.catch(refuse).then((caller) => enter(request, rule, caller));
  }

  private admitService(token: string | null): Promise<boolean> {
    if (token === null) throw unauthorized('this route is for other services', '');
    return this.serviceTokens.verify(token).then(() => true as boolean, refuse);
  }

  /** Cached per class too, because several classes may inherit one handler. */
  private ruleOf(context: ExecutionContext): Rule {
    const controller = context.getClass();
    const handler = context.getHandler();
    const known = this.rules.get(controller)?.get(handler);
    if (known) return known;
    const rule = ruleFor(handler, controller);
    this.rules.set(controller, new Map(this.rules.get(controller)).set(handler, rule));
    return rule;
  }
}

/** A handler with any access decorator overrides its class; otherwise the class decides. */
function ruleFor(handler: object, controller: object): Rule {
  const speaks = [isInternal, isPublic, isTokenless, neededRoles].some((key) =>
    Reflect.hasMetadata(key, handler),
  );
  const read = (key: string): unknown => Reflect.getMetadata(key, speaks ? handler : controller);
  return { access: accessBy(read), roles: (read(neededRoles) as Role[] | undefined) ?? null };
}

function accessBy(read: (key: string) => unknown): Rule['access'] {
  if (read(isInternal)) return 'internal';
  if (read(isTokenless)) return 'tokenless';
  return read(isPublic) ? 'public' : 'caller';
}

function enter(request: FastifyRequest, rule: Rule, caller: Caller): true {
  request.caller = caller;
  if (!rule.roles || rule.roles.some((role) => caller.roles.includes(role))) return true;
  throw new Problem(403, 'forbidden', `this route is for ${rule.roles.join(' or ')}s`);
}

function refuse(error: unknown): never {
  if (error instanceof InvalidToken) {
    throw unauthorized('the bearer token is not valid or has expired', ', error="invalid_token"');
  }
  throw error;
}

function bearerOf(header: string | undefined): string | null {
  if (header === undefined) return null;
  // The usual form needs no pattern: this runs for every request, and the token is verified afterwards.
  if (header.startsWith('Bearer ') && header.length > 8 && header[7] !== ' ')
    return header.slice(7);
  const [, token] = /^Bearer +(\S+)$/i.exec(header) ?? [];
  if (token) return token;
  throw unauthorized('the Authorization header has no bearer token', ', error="invalid_request"');
}

const unauthorized = (detail: string, error: string): Problem =>
  new Problem(401, 'unauthorized', detail, {
    headers: { 'www-authenticate': `Bearer realm="waybill"${error}` },
  });
