import type { IncomingHttpHeaders } from 'node:http';

/** Headers of one connection, not of the message. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  // The gateway has sent `100 Continue` itself.
  'expect',
]);

/** Headers that `connection` names apply to this hop only. */
const namedBy = (connection: string | undefined): ReadonlySet<string> =>
  new Set(connection?.split(',').map((name) => name.trim().toLowerCase()));

/** The headers of a request that are forwarded to the service. */
export function passedOn(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const named = namedBy(headers.connection);
  const passed: Record<string, string | string[]> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && !hopByHop.has(name) && !named.has(name)) passed[name] = value;
  }
  return passed;
}

/** The headers of a response that are returned, in their original form and order, as `writeHead` takes them. */
export function passedBack(raw: readonly (Buffer | string)[]): string[] {
  const texts = raw.map((part) => (typeof part === 'string' ? part : part.toString('latin1')));
  const named = new Set<string>();
  for (let i = 0; i < texts.length; i += 2) {
    if (texts[i]?.toLowerCase() === 'connection') {
      for (const name of namedBy(texts[i + 1])) named.add(name);
    }
  }
  const passed: string[] = [];
  for (let i = 0; i < texts.length; i += 2) {
    const [name = '', value = ''] = texts.slice(i, i + 2);
    const lower = name.toLowerCase();
    if (!hopByHop.has(lower) && !named.has(lower)) passed.push(name, value);
  }
  return passed;
}
