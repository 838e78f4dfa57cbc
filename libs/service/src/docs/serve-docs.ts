import type { FastifyInstance } from 'fastify';
import { Problem } from '../http/problem.ts';
import type { ApiDocument } from './open-api.ts';
import { viewerFile, viewerPage } from './viewer-files.ts';

/** Only its own files, and requests to its own origin: a document cannot bring scripts along. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

/**
 * Serves the document at `/openapi.json` and its viewer at `/docs`, both without a token and without the internet.
 * Call it before the application is initialised; the document is made when it is first asked for.
 */
export function serveDocs(fastify: FastifyInstance, document: () => ApiDocument): void {
  let made: string | undefined;
  fastify.get('/openapi.json', (_request, reply) => {
    made ??= JSON.stringify(document());
    return reply.header('content-type', 'application/json; charset=utf-8').send(made);
  });
  fastify.get('/docs', (_request, reply) =>
    reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-security-policy', policy)
      .send(viewerPage),
  );
  fastify.get<{ Params: { file: string } }>('/docs/:file', (request, reply) => {
    const file = viewerFile(request.params.file);
    if (!file) throw new Problem(404, 'not_found', 'there is nothing at this path');
    return reply
      .header('content-type', file.type)
      .header('cache-control', 'public, max-age=3600')
      .send(file.body);
  });
}
