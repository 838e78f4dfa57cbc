import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { answerProblem, type Problem, type ServerErrors } from '@waybill/http';

/** Answers a request for an upgrade as if it were an ordinary one, and closes its connection. */
export function answerUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  problem: Problem,
  errors?: ServerErrors,
): void {
  if (socket.destroyed) return;
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as Socket);
  response.once('finish', () => socket.end());
  answerProblem(response, problem, errors);
}
