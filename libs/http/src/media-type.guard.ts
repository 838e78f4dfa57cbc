import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { mediaTypeOf, ownTypesOf, unsupportedMediaType } from './media-type.ts';

/** A route with media types of its own refuses JSON, and requests without a body, with 415: after their caller was admitted. */
@Injectable()
export class MediaTypeGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    const { headers, routeOptions } = context.switchToHttp().getRequest<FastifyRequest>();
    const types = ownTypesOf(routeOptions.config);
    if (types && !types.includes(mediaTypeOf(headers))) throw unsupportedMediaType(types);
    return true;
  }
}
