import type { Socket } from 'node:net';
import { Problem, problemType } from './problem.ts';

const known: Readonly<Record<string, readonly [number, string, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'headers_too_large', 'the headers are too large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'request_timeout', 'the request did not arrive in time'],
};
const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

/** Answers bytes that are no HTTP request, as a problem like any other, and closes the connection. */
export function answerMalformed(error: { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, code, detail] = known[error.code ?? ''] ?? [
    400,
    'malformed_request',
    'this is no HTTP request',
  ];
  const body = JSON.stringify(new Problem(status, code, detail).body());
  socket.end(
    `HTTP/1.1 ${status} ${reasons[status]}\r\ncontent-type: ${problemType}\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
