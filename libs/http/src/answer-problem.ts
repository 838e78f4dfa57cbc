import type { ServerResponse } from 'node:http';
import { Problem } from './problem.ts';
import { answerOf } from './problem-page.ts';
import { securityHeaders } from './security-headers.ts';

/** Answers with a problem when no application handles the request or will finish it. */
export function answerProblem(response: ServerResponse, problem: Problem): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const { headers, body } = answerOf(problem, response.req);
  response.writeHead(problem.status, {
    ...securityHeaders,
    ...problem.headers,
    ...headers,
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

/** The problem that callers get while a server shuts down. */
export const stopping = (): Problem =>
  new Problem(503, 'unavailable', 'this service is stopping; try again', {
    headers: { 'retry-after': '2' },
  });
