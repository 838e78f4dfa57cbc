import type { IncomingMessage } from 'node:http';
import { applyDecorators } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiBody, ApiConsumes } from '@nestjs/swagger';
import { Problem } from './problem.ts';

/** A body that arrives while it is read. Reading throws a 413 problem beyond the limit, and a 400 problem if its sender goes. */
export type StreamedBody = AsyncIterable<Buffer>;

/** The route takes a body of this media type, of at most `limit` bytes, as a stream: its `@Body()` is a `StreamedBody`. */
export const StreamsBody = (mediaType: string, limit: number) =>
  applyDecorators(
    RouteConfig({ bodyLimit: limit, streams: mediaType }),
    ApiConsumes(mediaType),
    ApiBody({ schema: { type: 'string', format: 'binary', maxLength: limit } }),
  );

/** The pieces of a body. What its reader leaves is read and discarded, so that the response reaches the sender. */
export async function* streamedBody(request: IncomingMessage, limit: number): StreamedBody {
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
  let bytes = 0;
  try {
    for await (const piece of request.iterator({ destroyOnReturn: false })) {
      bytes += piece.length;
      if (bytes > limit) throw tooLarge(limit);
      yield piece;
    }
  } catch (error) {
    throw request.complete ? error : endedEarly(error);
  } finally {
    if (!request.complete) request.resume();
  }
}

const tooLarge = (limit: number): Problem =>
  new Problem(413, 'body_too_large', `the body is larger than ${limit} bytes`, {
    headers: { connection: 'close' },
  });

const endedEarly = (error: unknown): Problem =>
  error instanceof Problem
    ? error
    : new Problem(400, 'malformed_request', 'the body ended before it was complete', {
        headers: { connection: 'close' },
        cause: error,
      });
