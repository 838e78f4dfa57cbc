import type { ServerResponse } from 'node:http';
import { type Problem, problemType, securityHeaders } from '@waybill/service';

/** Answers a request that no application has taken, as a problem like any other. */
export function answerProblem(response: ServerResponse, problem: Problem): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const body = JSON.stringify(problem.body());
  response.writeHead(problem.status, {
    ...securityHeaders,
    ...problem.headers,
    'content-type': problemType,
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
