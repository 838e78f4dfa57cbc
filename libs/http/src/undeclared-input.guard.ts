import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { invalidRequest } from './validation.pipe.ts';

interface Declared {
  readonly query: boolean;
  readonly body: boolean;
}

const nothing = z.strictObject({});

/**
 * A route that declares no query or no body accepts none: a 400 problem names each parameter or field. Declared input is
 * validated by the `ValidationPipe`.
 */
@Injectable()
export class UndeclaredInputGuard implements CanActivate {
  private readonly declared = new WeakMap<object, Declared>();

  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    const { query, body } = context.switchToHttp().getRequest<FastifyRequest>();
    const declared = this.declaredBy(context);
    if (!declared.query) refuse(query, 'the query');
    if (!declared.body && body !== undefined) refuse(body, 'the body');
    return true;
  }

  private declaredBy(context: ExecutionContext): Declared {
    const handler = context.getHandler();
    const known = this.declared.get(handler);
    if (known) return known;
    const inputs = Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), handler.name) ?? {};
    const has = (type: RouteParamtypes): boolean =>
      Object.keys(inputs).some((key) => key.startsWith(`${type}:`));
    const declared = { query: has(RouteParamtypes.QUERY), body: has(RouteParamtypes.BODY) };
    this.declared.set(handler, declared);
    return declared;
  }
}

function refuse(input: unknown, whole: string): void {
  const parsed = nothing.safeParse(input);
  if (!parsed.success) throw invalidRequest(parsed.error, whole);
}
