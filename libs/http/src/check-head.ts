import type { IncomingMessage } from 'node:http';
import { Problem } from './problem.ts';

/** Headers that must not be repeated: Node uses the first or joins them, and a proxy in front may do otherwise. */
const once = [
  'host',
  'authorization',
  'content-type',
  'content-length',
  'transfer-encoding',
  'idempotency-key',
  'last-event-id',
  'webhook-id',
  'webhook-timestamp',
  'webhook-signature',
];
const bits = new Map(once.map((name, index) => [name, 1 << index]));

/** Node drops headers beyond a thousand, which could then be neither checked nor obeyed. */
const mostHeaders = 200;

const hostForm = /^(\[[0-9a-f:.]+\]|[\w.~%!$&'()*+,;=-]*)(:\d{0,5})?$/i;
const charset = /;\s*charset\s*=\s*"?([^\s";]*)/i;
const acceptedCharset = /^(utf-?8|us-ascii)?$/i;

/**
 * Refuses a request with contradictory headers, or with a body encoding that is not supported.
 * Reads the raw headers, because Node hides repeated ones.
 */
export function checkHead(request: IncomingMessage): void {
  const { rawHeaders } = request;
  if (rawHeaders.length > mostHeaders * 2) throw tooMany();
  checkDoubled(rawHeaders);
  checkHost(request);
  const { 'transfer-encoding': transfer } = request.headers;
  if (transfer !== undefined) {
    if (transfer.toLowerCase() !== 'chunked' || request.httpVersion === '1.0') {
      throw malformed('the only Transfer-Encoding is chunked');
    }
  } else if ((request.headers['content-length'] ?? '0') === '0') return;
  checkBodyForm(request);
}

function checkHost({ headers: { host }, httpVersion }: IncomingMessage): void {
  if (host === undefined ? httpVersion === '1.1' : !hostForm.test(host)) {
    throw malformed(`the Host header is ${host === undefined ? 'missing' : 'not valid'}`);
  }
}

function checkDoubled(raw: readonly string[]): void {
  let seen = 0;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string;
    const bit = bits.get(name.toLowerCase()) ?? 0;
    if ((seen & bit) !== 0) throw malformed(`the ${name} header comes more than once`);
    seen |= bit;
  }
}

function checkBodyForm({ headers }: IncomingMessage): void {
  const encoding = headers['content-encoding'];
  if (encoding?.split(',').some(isEncoded)) {
    const detail = `the body may have no Content-Encoding; ${encoding.slice(0, 40)} is not decoded here`;
    throw unsupported(detail, { 'accept-encoding': 'identity' });
  }
  const [, named = ''] = charset.exec(headers['content-type'] ?? '') ?? [];
  if (!acceptedCharset.test(named)) throw unsupported('the body must be in UTF-8');
}

const isEncoded = (name: string): boolean => !/^\s*(identity)?\s*$/i.test(name);

const tooMany = (): Problem =>
  new Problem(431, 'headers_too_large', `there are more than ${mostHeaders} headers`, {
    headers: { connection: 'close' },
  });

/** It is unknown where the next request on this connection begins, so the connection is closed. */
const malformed = (detail: string): Problem =>
  new Problem(400, 'malformed_request', detail, { headers: { connection: 'close' } });

const unsupported = (detail: string, headers: Readonly<Record<string, string>> = {}): Problem =>
  new Problem(415, 'unsupported_media_type', detail, { headers });
