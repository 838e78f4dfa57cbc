import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyContextConfig } from 'fastify';
import { Problem } from './problem.ts';

/** The media type of a body without its parameters; empty without a header. */
export const mediaTypeOf = (headers: IncomingHttpHeaders): string =>
  (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

/** The media types of a route whose body is no JSON. */
export const ownTypesOf = ({ binary, streams }: FastifyContextConfig = {}) =>
  streams === undefined ? binary : [streams];

export const unsupportedMediaType = (types: readonly string[]): Problem =>
  new Problem(415, 'unsupported_media_type', `the body must be ${types.join(', ')}`, {
    errors: [{ path: '/Content-Type', message: `is one of ${types.join(', ')}` }],
  });
