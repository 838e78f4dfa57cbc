/** A request of an `.http` file, with its variables not replaced yet. */
export interface HttpRequest {
  readonly title: string;
  /** By which later requests refer to what it returned. */
  readonly name: string | null;
  readonly method: string;
  readonly url: string;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export interface HttpFile {
  readonly variables: Readonly<Record<string, string>>;
  readonly requests: readonly HttpRequest[];
}

/** Reads what the HTTP clients of editors read: `@variables`, requests after `###`, their names, headers and bodies. */
export function parseHttpFile(text: string): HttpFile {
  const [head = '', ...parts] = text.split(/^###\s*/m);
  const variables = [...head.matchAll(/^@(\w+)\s*=\s*(.*?)\s*$/gm)];
  return {
    variables: Object.fromEntries(variables.map(([, name = '', value = '']) => [name, value])),
    requests: parts.map(requestOf),
  };
}

function requestOf(part: string): HttpRequest {
  const [title = '', ...rest] = part.split('\n');
  const lines = rest.filter((line) => !line.startsWith('#'));
  const [, name = null] = /^# @name (\w+)$/m.exec(part) ?? [];
  const end = lines.findIndex((line) => line.trim() === '');
  const [request = '', ...headers] = end < 0 ? lines : lines.slice(0, end);
  const [, method, url] = /^([A-Z]+) (\S+)$/.exec(request) ?? [];
  if (!method || !url) throw new Error(`${title}: "${request}" is no request line`);
  return {
    title,
    name,
    method,
    url,
    headers: Object.fromEntries(headers.map(headerOf)),
    body: end < 0 ? null : lines.slice(end).join('\n').trim() || null,
  };
}

function headerOf(line: string): [string, string] {
  const [, name, value] = /^([\w-]+):\s*(.*)$/.exec(line) ?? [];
  if (!name || value === undefined) throw new Error(`"${line}" is no header`);
  return [name.toLowerCase(), value];
}
