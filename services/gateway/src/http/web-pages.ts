import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** What `tools/build-web.mjs` has built, beside the programs. */
const built = fileURLToPath(new URL('../../../../dist/web/', import.meta.url));

/** Only files of this origin, and requests to it. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Serves the pages of `web/`, and under `/assets` the files that they load, whose names contain a hash of their content. Call it before the
 * application is initialised. Without built pages it serves none, as when only the services are compiled.
 */
export function serveWebPages(fastify: FastifyInstance, folder = built): void {
  // Not awaited: that would begin to start the server, before it has its error handler.
  void fastify.register(fastifyStatic, {
    root: `${folder}assets`,
    prefix: '/assets/',
    // Each file is a route of its own, so that the table of routes knows it.
    wildcard: false,
    preCompressed: true,
    immutable: true,
    maxAge: '1y',
  });
  for (const [path, file] of Object.entries(pagesIn(folder))) {
    fastify.get(path, (_request, reply) =>
      reply
        .header('content-security-policy', policy)
        .header('cache-control', 'no-cache')
        .sendFile(file, folder, { cacheControl: false }),
    );
  }
}

/** The file of each path, as `web/pages.json` names them. */
const pagesIn = (folder: string): Readonly<Record<string, string>> =>
  existsSync(`${folder}pages.json`) ? JSON.parse(readFileSync(`${folder}pages.json`, 'utf8')) : {};
