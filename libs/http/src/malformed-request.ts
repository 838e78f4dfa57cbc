import type { Socket } from 'node:net';
import { correlationIdFrom } from '@waybill/observability';
import { Problem, problemType } from './problem.ts';
import { securityHeaders } from './security-headers.ts';

const known: Readonly<Record<string, readonly [number, string, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'headers_too_large', 'the headers are too large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'request_timeout', 'the request did not arrive in time'],
};
const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

/** Answers bytes that are not an HTTP request with a problem, and closes the connection. */
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
  const correlationId = correlationIdFrom(undefined);
  const body = JSON.stringify(new Problem(status, code, detail).body(correlationId));
  const headers = {
    ...securityHeaders,
    'content-type': problemType,
    'content-length': Buffer.byteLength(body),
    'x-request-id': correlationId,
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${reasons[status]}\r\n${lines.join('')}\r\n${body}`);
}
