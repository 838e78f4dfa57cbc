import type { FastifyInstance } from 'fastify';
import { Problem } from '../problem.ts';
import type { ApiDocument } from './open-api.ts';
import { viewerFile, viewerPage } from './viewer-files.ts';

/** Allows only the viewer's own files and requests to its own origin, so a document cannot inject scripts. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * Serves the document at `/openapi.json` and its viewer at `/docs`, both without a token and without internet access.
 * Call it before the application is initialised. The document is made at its first request, and cached once it is complete.
 */
export function serveDocs(
  fastify: FastifyInstance,
  document: () => Promise<{ readonly document: ApiDocument; readonly whole: boolean }>,
): void {
  let kept: string | undefined;
  fastify.get('/openapi.json', async (_request, reply) => {
    let text = kept;
    if (text === undefined) {
      const made = await document();
      text = JSON.stringify(made.document);
      if (made.whole) kept = text;
    }
    return reply.header('content-type', 'application/json; charset=utf-8').send(text);
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
