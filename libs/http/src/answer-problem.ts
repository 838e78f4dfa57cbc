import type { ServerResponse } from 'node:http';
import { correlationIdFrom } from '@waybill/observability';
import { Problem } from './problem.ts';
import { answerOf } from './problem-page.ts';
import { securityHeaders } from './security-headers.ts';
import type { ServerErrors } from './server-errors.ts';

/**
 * Answers with a problem when no application handles the request or will finish it. The answer has the id of the request's trace, by
 * which `errors` logs it if it is a 5xx.
 */
export function answerProblem(
  response: ServerResponse,
  problem: Problem,
  errors?: Pick<ServerErrors, 'tell'>,
): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const { method, url = '', headers: asked, trace } = response.req;
  const correlationId = trace?.correlationId ?? correlationIdFrom(asked['traceparent']);
  if (problem.status >= 500) {
    // Without the query, which may have a secret.
    const route = `${method} ${url.split('?', 1)[0]?.slice(0, 200)}`;
    errors?.tell(problem, { error: problem, route, correlationId });
  }
  const { headers, body } = answerOf(problem, response.req, correlationId);
  response.writeHead(problem.status, {
    ...securityHeaders,
    ...problem.headers,
    ...headers,
    'x-request-id': correlationId,
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

/** The problem that callers get while a server shuts down. */
export const stopping = (): Problem =>
  new Problem(503, 'unavailable', 'this service is stopping; try again', {
    headers: { 'retry-after': '2' },
  });
