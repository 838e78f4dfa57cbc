import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import type { Target } from '../portable/target.ts';
import type { Answer } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import { type HttpFile, type HttpRequest, parseHttpFile } from '../system/http-file.ts';
import type { SystemUnderTest } from '../system/system-under-test.ts';

const folder = join(import.meta.dirname, '..', '..', 'examples', 'http');
const files = readdirSync(folder).filter((name) => name.endsWith('.http'));

/** An earlier request, with what it returned last. */
interface Sent {
  readonly request: HttpRequest;
  body: unknown;
}

/** Sends the requests of a file as somebody in an editor does, who sends one again that came too early. */
class Reader {
  private readonly sent = new Map<string, Sent>();
  private readonly variables: Readonly<Record<string, string>>;

  constructor(
    private readonly target: Target,
    { variables }: HttpFile,
    addresses: Readonly<Record<string, string>>,
  ) {
    this.variables = { ...variables, ...addresses };
  }

  async send(request: HttpRequest): Promise<void> {
    const { status, bytes, body } = await eventually(request.title, async () => {
      const answer = await this.sendOnce(request);
      return answer !== null && !notYet.includes(answer.status) && answer;
    });
    if (status < 200 || status > 299) throw new Error(`${request.title}: ${status} ${bytes}`);
    if (request.name) this.sent.set(request.name, { request, body });
  }

  /** Null if an earlier request has not returned what this one needs. */
  private async sendOnce({ method, url, headers, body }: HttpRequest) {
    const texts = [url, body ?? '', ...Object.values(headers)];
    if (!(await this.haveAll(texts))) return null;
    const what = {
      ...(body === null ? {} : { raw: this.filled(body) }),
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, this.filled(value)]),
      ),
    };
    const address = this.filled(url);
    const { url: own } = this.target;
    return address.startsWith(own)
      ? this.target.anonymous().send(method, address.slice(own.length), what)
      : elsewhere(method, address, what);
  }

  /** Reads again what lacks something. */
  private async haveAll(texts: readonly string[]): Promise<boolean> {
    for (const [, name = '', path = ''] of texts.flatMap((text) => [...text.matchAll(reference)])) {
      const sent = this.sent.get(name);
      if (!sent) throw new Error(`no request before is called ${name}`);
      if (valueAt(sent.body, path) !== undefined) continue;
      if (sent.request.method === 'GET') await this.send(sent.request);
      return false;
    }
    return true;
  }

  private filled(text: string): string {
    return text
      .replace(reference, (_, name, path) => String(valueAt(this.sent.get(name)?.body, path)))
      .replaceAll('{{$guid}}', () => randomUUID())
      .replace(/\{\{(\w+)\}\}/g, (_, name) => {
        const value = this.variables[name];
        if (value === undefined) throw new Error(`there is no variable ${name}`);
        return value;
      });
  }
}

/** Something is not there yet, or the system is busy. */
const notYet: readonly number[] = [404, 409, 429, 503];

/** What `name` returned, as `{{name.response.body.$.items[0].id}}`. */
const reference = /\{\{(\w+)\.response\.body\.\$\.([\w.[\]]+)\}\}/g;

/** Undefined where the path leads to nothing. */
const valueAt = (body: unknown, path: string): unknown =>
  path
    .split(/[.[\]]+/)
    .filter((part) => part !== '')
    .reduce((value, part) => (value as Record<string, unknown> | null)?.[part], body) ?? undefined;

/** Sends a request to a sandbox. */
async function elsewhere(
  method: string,
  address: string,
  { raw, headers }: { raw?: string; headers: Record<string, string> },
): Promise<Pick<Answer<unknown>, 'status' | 'bytes' | 'body'>> {
  const answer = await fetch(address, { method, headers, ...(raw && { body: raw }) });
  return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()), body: undefined };
}

/** The requests of `examples/http`, which people send from their editors. */
export function httpFileTests(system: () => SystemUnderTest, target: () => Target): void {
  it.each(files)('%s can be sent from top to bottom', async (name) => {
    const file = parseHttpFile(readFileSync(join(folder, name), 'utf8'));
    const { carriers } = system().data.whereabouts().sandboxes;
    const reader = new Reader(target(), file, { base: target().url, carriers: carriers.url });
    expect(file.requests.length).toBeGreaterThan(2);
    for (const request of file.requests) await reader.send(request);
  });
}
