import { expect, it } from '@jest/globals';
import type { Operation } from '../system/api-document.ts';
import type { ProblemView, Send } from '../system/client.ts';
import { isEndless, samplePath, sampleSend } from './samples.ts';
import type { Target } from './target.ts';

/** Bytes: activities are reported many at a time. */
const tooLarge = (path: string): number => (path === '/api/v1/activity' ? 1_100_000 : 70_000);
const tooLong = 'x'.repeat(201);
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** The response of every route to the same invalid requests, for all operations of the API document. */
export function requestTests(target: () => Target): void {
  /** Sends a request to every operation that documents `status`; returns those with another response. */
  async function walk(
    status: number,
    request: (operation: Operation) => { path: string; send?: Send } | undefined,
  ): Promise<string[]> {
    const ops = await target().as('ops');
    const wrongs: string[] = [];
    let tried = 0;
    for (const operation of target().contract.document.operations) {
      const sent = operation.answers.has(status) ? request(operation) : undefined;
      if (!sent) continue;
      tried += 1;
      const answer = await ops.send<ProblemView>(operation.method, sent.path, sent.send);
      if (answer.status !== status) wrongs.push(`${operation.name}: ${answer.status}`);
    }
    expect(tried).toBeGreaterThan(0);
    return wrongs;
  }

  it('refuses a URL that cannot be read', async () => {
    const wrongs = await walk(400, (operation) => {
      const path = samplePath(operation);
      const join = path.includes('?') ? '&' : '?';
      return { path: `${path}${join}x=%ff`, send: sampleSend(operation) };
    });
    expect(wrongs).toEqual([]);
  });

  it('refuses a query that a list does not know, names the field, and takes none twice', async () => {
    const sent = (operation: Operation, query: string) => ({
      path: withQuery(operation, query),
      ...(operation.file === null ? {} : { send: sampleSend(operation) }),
    });
    const wrongs = await walk(400, (operation) =>
      operation.query.length > 0 ? sent(operation, 'unknown=1') : undefined,
    );
    const twice = await walk(400, (operation) => {
      const { name } = operation.query.find(({ schema }) => schema.type !== 'array') ?? {};
      return name ? sent(operation, `${name}=1&${name}=2`) : undefined;
    });
    expect([...wrongs, ...twice]).toEqual([]);
  });

  it('knows nothing by an id that nobody has', async () => {
    const unknown = (operation: Operation) =>
      operation.parameters.length > 0
        ? { path: samplePath(operation), send: sampleSend(operation) }
        : undefined;
    expect(await walk(404, unknown)).toEqual([]);
  });

  it('finds nothing by an id that is none, and does not stumble over it', async () => {
    const ops = await target().as('ops');
    for (const operation of target().contract.document.operations) {
      for (const value of ['x', '-1', '..%2f..', "1'--", '%00', '%F0%9F%93%A6', 'x%0d%0ay']) {
        for (const name of operation.parameters) {
          const path = samplePath(operation, { [name]: value });
          const { status } = await ops.send(operation.method, path, sampleSend(operation));
          expect([`${operation.method} ${path}`, [400, 401, 404].includes(status)]).toEqual([
            `${operation.method} ${path}`,
            true,
          ]);
        }
      }
    }
  });

  it('refuses a part of a path that is too long', async () => {
    const wrongs = await walk(414, (operation) => ({
      path: samplePath(operation, { [operation.parameters[0] ?? '']: tooLong }),
      send: sampleSend(operation),
    }));
    expect(wrongs).toEqual([]);
  });

  it('refuses a body that is too large, and one of another type', async () => {
    const headers = { 'content-type': 'application/json' };
    const large = await walk(413, (operation) =>
      operation.file === null
        ? {
            path: samplePath(operation),
            send: { raw: JSON.stringify({ x: 'x'.repeat(tooLarge(operation.path)) }), headers },
          }
        : undefined,
    );
    const other = await walk(415, (operation) => ({
      path: samplePath(operation),
      send: { raw: 'a=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    }));
    expect([...large, ...other]).toEqual([]);
  });

  it('refuses JSON that is none', async () => {
    const wrongs = await walk(400, (operation) =>
      operation.answers.has(413) && operation.file === null
        ? { path: samplePath(operation), send: { raw: '{"x":' } }
        : undefined,
    );
    expect(wrongs).toEqual([]);
  });

  it('answers HEAD as GET, without the body', async () => {
    const ops = await target().as('ops');
    for (const operation of target().contract.document.operations) {
      if (operation.method !== 'GET' || isEndless(operation)) continue;
      const path = samplePath(operation);
      const [get, head] = [await ops.get(path), await ops.send('HEAD', path)];
      expect([path, head.status, head.bytes.length]).toEqual([path, get.status, 0]);
      expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'));
    }
  });

  it('says which methods a path knows, for every other method', async () => {
    const { document } = target().contract;
    const ops = await target().as('ops');
    for (const each of new Set(document.operations.map(({ path }) => path))) {
      const path = samplePath(document.operations.find((o) => o.path === each) as Operation);
      const known = document.at(path.split('?')[0] ?? path).map(({ method }) => method);
      const served = known.includes('GET') ? [...known, 'HEAD'] : known;
      for (const method of methods.filter((other) => !served.includes(other))) {
        const answer = await ops.send<ProblemView>(method, path);
        expect([method, path, answer.status]).toEqual([method, path, 405]);
        const allowed = (answer.headers.get('allow') ?? '').split(', ').sort();
        expect([path, allowed]).toEqual([path, [...new Set(served)].sort()]);
      }
    }
  });

  it.each([
    '/api',
    '/api/v1',
    '/api/v2/orders',
    '/api/v1/nothing',
    '/api/v1/orders/',
    '/api/v1//orders',
    '/API/V1/ORDERS',
    '/api/v1/orders/x/y/z',
    '/health/dead',
    '/.env',
    '/docs/../package.json',
    '/docs/package.json',
  ])('knows nothing at %s', async (path) => {
    for (const client of [await target().as('ops'), target().anonymous()]) {
      const answer = await client.get<ProblemView>(path.replaceAll('..', '%2e%2e'));
      expect([404, 400]).toContain(answer.status);
    }
  });
}

function withQuery(operation: Operation, query: string): string {
  const path = samplePath(operation);
  return `${path}${path.includes('?') ? '&' : '?'}${query}`;
}
