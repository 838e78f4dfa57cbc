import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { badEscapes, headerValues, jsonValues, spoilt, urlValues } from '@waybill/testing/hostile';
import { type ApiDocument, type Operation, operationsOf } from './hostile/operations.ts';
import { type RawAnswer, RawClient, type RawHeaders } from './hostile/raw-client.ts';
import { type Resign, resigning } from './inside/resigned-token.ts';
import type { List } from './system/client.ts';
import { eventually } from './system/eventually.ts';
import { useSystem } from './system/test-system.ts';

const system = useSystem({ RATE_LIMIT: '1000000' });

/** Values of path parameters for tests about something else. */
const known: Record<string, string> = { sku: 'LAPTOP-13', carrier: 'heron', provider: 'sandbox' };
let operations: readonly Operation[];
let client: RawClient;
let token: string;
let resigned: Resign;

beforeAll(async () => {
  const [ada, ops] = [await system().as('ada'), await system().as('ops')];
  const orders = [await ada.buy(), await ada.buy()];
  known['id'] = orders[0]?.id ?? '';
  token = ops.token ?? '';
  resigned = await resigning(token, system().data);
  client = new RawClient(system().url, token);
  operations = operationsOf((await ops.get<ApiDocument>('/openapi.json')).body);
});
afterAll(() => client?.close());

interface Try {
  readonly operation: Operation;
  readonly target?: string;
  readonly headers?: RawHeaders;
  /** Default: a valid body, where the operation takes one. */
  readonly body?: string;
}

/** False for the request that erases its sender. */
const isRepeatable = ({ method, path }: Operation): boolean =>
  method !== 'DELETE' || path !== '/api/v1/customers/me';

const pathOf = ({ path }: Operation, values: Readonly<Record<string, string>> = {}): string =>
  path.replaceAll(
    /\{(\w+)\}/g,
    (_, name: string) => values[name] ?? known[name] ?? known['id'] ?? '',
  );

/** A request that is refused with 503 because the system is busy is repeated. */
function answerTo({ operation, target, headers, body }: Required<Try>): Promise<RawAnswer> {
  const sent = `${operation.method} ${target} ${JSON.stringify(headers)} ${body}`.slice(0, 600);
  return eventually(`${sent} is not 503`, async () => {
    const answer = await client.send(operation.method, target, headers, body || undefined);
    return answer.status !== 503 && answer;
  });
}

/** The responses for which `isFine` is false; fails unless there were more than `atLeast` responses. */
async function failuresOf(
  tries: Iterable<Try>,
  isFine = (status: number): boolean => status < 500,
  atLeast = 100,
): Promise<readonly string[]> {
  const failures: string[] = [];
  const waiting = tries[Symbol.iterator]();
  let count = 0;
  const work = async (): Promise<void> => {
    for (let next = waiting.next(); !next.done; next = waiting.next()) {
      const { operation } = next.value;
      const fitting = operation.body === undefined ? '' : JSON.stringify(operation.body);
      const sent = { target: pathOf(operation), headers: {}, body: fitting, ...next.value };
      const { status, text } = await answerTo(sent);
      count += 1;
      if (isFine(status)) continue;
      failures.push(`${operation.method} ${JSON.stringify(sent)} -> ${status} ${text}`);
    }
  };
  await Promise.all(Array.from({ length: 4 }, work));
  expect(count).toBeGreaterThan(atLeast);
  return failures;
}

function* withParameters(place: 'query' | 'path' | 'header'): Generator<[Operation, string]> {
  for (const operation of operations) {
    for (const parameter of operation.parameters) {
      if (parameter.in === place) yield [operation, parameter.name];
    }
  }
}

describe('whatever is sent, no route of the API document fails', () => {
  it('in a part of a path', async () => {
    function* tries(): Generator<Try> {
      for (const [operation, name] of withParameters('path')) {
        for (const value of urlValues) {
          yield { operation, target: pathOf(operation, { [name]: value }) };
        }
      }
    }
    expect(await failuresOf(tries())).toEqual([]);
  });

  it('in a query', async () => {
    function* tries(): Generator<Try> {
      for (const [operation, name] of withParameters('query')) {
        for (const value of urlValues) {
          yield { operation, target: `${pathOf(operation)}?${name}=${value}` };
        }
      }
    }
    expect(await failuresOf(tries())).toEqual([]);
  });

  it('and a query is refused that is doubled, a list, empty, unknown or cannot be stored', async () => {
    function* tries(): Generator<Try> {
      for (const [operation, name] of withParameters('query')) {
        const shapes = [`${name}=1&${name}=1`, `${name}[]=1`, `${name}[a]=1`, `${name}=`, name];
        const escaped = badEscapes.map((value) => `${name}=${value}`);
        for (const query of [...shapes, ...escaped, 'no-such-parameter=1']) {
          yield { operation, target: `${pathOf(operation)}?${query}` };
        }
      }
    }
    expect(await failuresOf(tries(), (status) => status === 400)).toEqual([]);
  });

  it('and a query is refused where none is declared, and a body', async () => {
    function* tries(): Generator<Try> {
      for (const operation of operations) {
        yield { operation, target: `${pathOf(operation)}?no-such-parameter=1` };
        if (operation.method === 'GET' || operation.body !== undefined) continue;
        yield { operation, body: '{"no-such-field":1}' };
      }
    }
    expect(await failuresOf(tries(), (status) => status === 400, 40)).toEqual([]);
  });

  it('in a header of its own', async () => {
    function* tries(): Generator<Try> {
      for (const [operation, name] of withParameters('header')) {
        for (const value of headerValues) yield { operation, headers: { [name]: value } };
      }
    }
    expect(await failuresOf(tries(), undefined, 30)).toEqual([]);
  });

  it('in a header that all have', async () => {
    const common = [
      'authorization',
      'traceparent',
      'content-type',
      'accept',
      'if-none-match',
      'x-user-id',
    ];
    function* tries(): Generator<Try> {
      for (const operation of operations.filter(isRepeatable)) {
        for (const name of common) {
          for (const value of headerValues) {
            const headers = { [name]: name === 'authorization' ? `Bearer ${value}` : value };
            yield { operation, headers, body: operation.method === 'GET' ? '' : '{}' };
          }
        }
      }
    }
    expect(await failuresOf(tries())).toEqual([]);
  });

  it('in a body', async () => {
    function* tries(): Generator<Try> {
      for (const operation of operations.filter(({ body }) => body !== undefined)) {
        for (const body of spoilt(operation.body, jsonValues)) yield { operation, body };
      }
    }
    expect(await failuresOf(tries())).toEqual([]);
  });

  const signed = (claims: object): RawHeaders => ({
    authorization: `Bearer ${resigned(claims)}`,
  });
  const orderRoutes = () => operations.filter(({ path }) => path === '/api/v1/orders');

  it('as a claim of a token that is signed', async () => {
    const names = ['sub', 'name', 'email', 'roles', 'exp', 'nbf', 'iat', 'jti', 'aud', 'iss'];
    function* tries(): Generator<Try> {
      for (const operation of orderRoutes()) {
        for (const name of names) {
          for (const value of jsonValues) {
            yield { operation, headers: signed({ [name]: JSON.parse(value) }) };
          }
        }
      }
    }
    expect(await failuresOf(tries())).toEqual([]);
  });

  it('and a claim is refused that nobody could store or read', async () => {
    const bad = ['\u0000', 'a\u0000b', '\ud800', '\u0007', ' ', '\u200b', 'x'.repeat(999), 1, {}];
    function* tries(): Generator<Try> {
      for (const operation of orderRoutes()) {
        for (const value of bad) {
          for (const name of ['name', 'email']) {
            yield { operation, headers: signed({ [name]: value }) };
          }
        }
        for (const sub of ['\u0000', 'a\u0000b', '\ud800', '', 'x'.repeat(101), 1, {}]) {
          yield { operation, headers: signed({ sub }) };
        }
      }
    }
    expect(await failuresOf(tries(), (status) => status === 401, 40)).toEqual([]);
  });
});

it('the id of an order in capital letters names the same order at every route', async () => {
  const ops = await system().as('ops');
  const id = known['id'] ?? '';
  const routes = operations
    .filter(({ method, path }) => method === 'GET' && !path.endsWith('/stream'))
    .filter(({ path }) => /^\/api\/v1\/(orders|payments|sagas)\/\{/.test(path))
    .map(({ path }) => path.replace(/\{\w+\}/, ':id'));
  routes.push('/api/v1/notifications?orderId=:id');
  expect(routes.length).toBeGreaterThan(5);
  for (const route of routes) {
    const [small, capital] = await Promise.all(
      [id, id.toUpperCase()].map((each) => ops.get(route.replace(':id', each))),
    );
    expect([route, capital?.status, capital?.body]).toEqual([route, 200, small?.body]);
  }
});

describe('a cursor', () => {
  it('is taken by the list that made it, and by no other', async () => {
    const ops = await system().as('ops');
    const lists = operations
      .filter(({ parameters }) => parameters.some(({ name }) => name === 'cursor'))
      .map((operation) => pathOf(operation));
    const made = new Map<string, string>();
    for (const list of lists) {
      const { body } = await ops.get<List<unknown>>(`${list}?limit=1`);
      if (body.nextCursor) made.set(list, body.nextCursor);
    }
    expect(made.size).toBeGreaterThan(3);
    for (const [maker, cursor] of made) {
      for (const list of lists) {
        const { status } = await ops.get(`${list}?limit=1&cursor=${cursor}`);
        expect([maker, list, status]).toEqual([maker, list, list === maker ? 200 : 400]);
      }
    }
  });
});

it('and the books are still right', async () => {
  expect(await system().verify()).toEqual([]);
});
