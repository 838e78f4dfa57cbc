import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { expect, it } from '@jest/globals';
import type { ProblemView } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import { tampered, unsigned } from '../system/forged-token.ts';
import { sampleBody, samplePath } from './samples.ts';
import type { Target } from './target.ts';

/** Routes without a token. A new route requires one until it is also listed here. */
const open = [
  'GET /.well-known/jwks.json',
  'GET /api/v1/products',
  'GET /api/v1/products/{sku}',
  'GET /health',
  'GET /health/live',
  'GET /health/ready',
  'GET /images/{key}',
  'GET /metrics',
  'POST /api/v1/auth/token',
  'POST /api/v1/carriers/{carrier}/webhooks',
  'POST /api/v1/payments/{provider}/webhooks',
];

/** Routes for every user, which show each user only their own data. All others are for operators. */
const forEverybody = [
  'GET /api/v1/orders',
  'GET /api/v1/orders/{id}',
  'GET /api/v1/orders/{id}/events',
  'GET /api/v1/orders/{id}/journey',
  'GET /api/v1/orders/{id}/stream',
  'GET /api/v1/shipments/{id}/label.pdf',
  'POST /api/v1/orders',
  'POST /api/v1/orders/{id}/cancel',
  'POST /api/v1/shipping/quotes',
];

interface Token {
  readonly accessToken: string;
  readonly tokenType: string;
  readonly expiresIn: number;
}

/** Which callers may use which routes, according to the API document and in practice. */
export function accessTests(target: () => Target): void {
  /** Sends a request to every operation that `applies`; returns those whose status is not the expected one. */
  async function tryAll(
    applies: (operation: Target['contract']['document']['operations'][number]) => boolean,
    token: string | null,
    expected: number,
  ): Promise<string[]> {
    const operations = target().contract.document.operations.filter(applies);
    expect(operations.length).toBeGreaterThan(0);
    const client = target().anonymous().with(token);
    const wrongs: string[] = [];
    for (const operation of operations) {
      const what = operation.method === 'GET' ? {} : { json: {} };
      const { status } = await client.send(operation.method, samplePath(operation), what);
      if (status !== expected) wrongs.push(`${operation.name}: ${status}`);
    }
    return wrongs;
  }

  it('is open for the few routes that need no token, and closed for all others', async () => {
    const { operations } = target().contract.document;
    const documented = operations.filter(({ isPublic }) => isPublic).map(({ name }) => name);
    expect(documented.sort()).toEqual(open);
    expect(await tryAll(({ isPublic }) => !isPublic, null, 401)).toEqual([]);
  });

  it('asks every token that is shown to be a good one, also where none is needed', async () => {
    const { token } = await target().as('ada');
    const [head = '', claims = '', signature = ''] = (token ?? '').split('.');
    const bad = [
      'nonsense',
      '..',
      `${head}.${claims}`,
      `${head}.${claims}.${signature.slice(0, -8)}AAAAAAAA`,
      unsigned(token ?? ''),
      tampered(token ?? '', { roles: ['operator'] }),
      tampered(token ?? '', { exp: 1 }),
      `${token}x`.padEnd(5_000, 'x'),
    ];
    const [first = ''] = bad;
    expect(await tryAll(({ takesToken }) => takesToken, first, 401)).toEqual([]);
    for (const each of bad) {
      const { status } = await target().anonymous().with(each).get('/api/v1/orders');
      expect([each, status]).toEqual([each, 401]);
    }
    for (const authorization of ['Basic YWRhOndheWJpbGw=', 'Bearer', 'Bearer a b']) {
      const answer = await target().anonymous().send('GET', '/api/v1/orders', {
        headers: { authorization },
      });
      expect([authorization, answer.status]).toEqual([authorization, 401]);
    }
  });

  it('looks at no token where none counts', async () => {
    const { operations } = target().contract.document;
    const tokenless = operations.filter(({ takesToken }) => !takesToken);
    expect(tokenless.length).toBeGreaterThan(0);
    for (const operation of tokenless) {
      const json = sampleBody(operation);
      const statuses = [null, 'nonsense'].map(async (token) => {
        const client = target().anonymous().with(token);
        const path = samplePath(operation);
        const sent = json === undefined ? {} : { json };
        return (await client.send(operation.method, path, sent)).status;
      });
      const [without, withIt] = await Promise.all(statuses);
      expect([operation.name, withIt]).toEqual([operation.name, without]);
    }
  });

  it('keeps customers out of every route that is for operators', async () => {
    const { token } = await target().as('ada');
    const isForOperators = ({ name }: { name: string }) =>
      !open.includes(name) && !forEverybody.includes(name);
    expect(await tryAll(isForOperators, token, 403)).toEqual([]);
    const documented = target().contract.document.operations.filter(
      ({ roles }) => roles.length > 0,
    );
    expect(documented.filter((operation) => !isForOperators(operation))).toEqual([]);
  });

  it('shows what belongs to a customer to that customer and to operators, by each route with an id', async () => {
    const [ada, grace, ops] = await Promise.all([
      target().as('ada'),
      target().as('grace'),
      target().as('ops'),
    ]);
    const order = await ada.buy();
    const { shipments, customerId } = order;
    const owned: Readonly<Record<string, string>> = {
      'GET /api/v1/orders/{id}': `/api/v1/orders/${order.id}`,
      'GET /api/v1/orders/{id}/events': `/api/v1/orders/${order.id}/events`,
      'GET /api/v1/orders/{id}/journey': `/api/v1/orders/${order.id}/journey`,
      'GET /api/v1/orders/{id}/stream': `/api/v1/orders/${order.id}/stream`,
      'GET /api/v1/shipments/{id}/label.pdf': `/api/v1/shipments/${shipments[0]?.id}/label.pdf`,
      // Last, because it changes the order.
      'POST /api/v1/orders/{id}/cancel': `/api/v1/orders/${order.id}/cancel`,
    };
    const withOwner = target().contract.document.operations.filter(
      ({ parameters, isPublic, roles }) => parameters.length > 0 && !isPublic && roles.length === 0,
    );
    // A new route with an id must be tested here too.
    expect(withOwner.map(({ name }) => name).sort()).toEqual(Object.keys(owned).sort());
    for (const [name, path] of Object.entries(owned)) {
      const operation = withOwner.find((each) => each.name === name) as (typeof withOwner)[number];
      const json = sampleBody(operation);
      const request = async (client: typeof ada) => {
        const { status } = await client.send(operation.method, path, json ? { json } : {});
        return [name, status];
      };
      expect(await request(grace)).toEqual([name, 404]);
      if (path.endsWith('/stream')) continue;
      const expected = operation.method === 'GET' ? 200 : 202;
      for (const client of [ada, ops]) expect(await request(client)).toEqual([name, expected]);
    }
    expect((await grace.get(`/api/v1/orders?customerId=${customerId}`)).status).toBe(403);
    expect((await grace.get(`/api/v1/orders?since_id=0&customerId=${customerId}`)).status).toBe(
      403,
    );
    expect((await ada.get(`/api/v1/orders?customerId=${customerId}`)).status).toBe(200);
  });

  it('lets nobody call what services tell one another', async () => {
    const ops = await target().as('ops');
    for (const path of [
      '/internal/channels',
      '/internal/journey?key=x',
      '/internal/routes',
      '/internal/dead-letters',
      '/%69nternal/routes',
    ]) {
      for (const client of [ops, target().anonymous()]) {
        expect([401, 403, 404]).toContain((await client.get(path)).status);
      }
    }
  });

  it('believes no header that claims an identity', async () => {
    const headers = {
      'x-user-id': 'ops',
      'x-user-roles': 'operator',
      'x-waybill-caller': 'ops',
      'x-waybill-service': 'order',
      'x-forwarded-user': 'ops@example.com',
    };
    const nobody = target().anonymous();
    expect((await nobody.send('GET', '/api/v1/sagas', { headers })).status).toBe(401);
    const ada = await target().as('ada');
    expect((await ada.send('GET', '/api/v1/sagas', { headers })).status).toBe(403);
  });

  it('gives a token by e-mail and password, which the published keys verify', async () => {
    const nobody = target().anonymous();
    const ada = await target().as('ada');
    const [head = '', claims = '', signature = ''] = (ada.token ?? '').split('.');
    const { kid, alg } = JSON.parse(Buffer.from(head, 'base64url').toString());
    expect(alg).toBe('ES256');
    const { keys } = await nobody.read('/.well-known/jwks.json', {});
    const jwk = keys.find((each) => each.kid === kid);
    const key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
    const bytes = Buffer.from(`${head}.${claims}`);
    const signed = Buffer.from(signature, 'base64url');
    expect(verify('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, signed)).toBe(true);
  });

  it.each([
    [{}, '/email'],
    [{ email: 'ada@example.com' }, '/password'],
    [{ email: 'ada', password: 'waybill' }, '/email'],
    [{ email: 'ada@example.com', password: 'waybill', roles: ['operator'] }, '/roles'],
    [{ email: ['ada@example.com'], password: 'waybill' }, '/email'],
  ])('gives none for %j', async (credentials, path) => {
    const answer = await target().anonymous().post<ProblemView>('/api/v1/auth/token', credentials);
    expect(answer.status).toBe(400);
    expect(answer.body.errors?.map((error) => error.path)).toContain(path);
  });

  it('does not let passwords be guessed', async () => {
    const email = `${target().unique('nobody')}@example.com`.toLowerCase();
    const guess = () =>
      target().anonymous().post<Token & ProblemView>('/api/v1/auth/token', {
        email,
        password: 'guess',
      });
    expect((await guess()).body.code).toBe('invalid_credentials');
    // Each gateway process counts separately.
    const refused = await eventually('guessing is refused', async () => {
      const answer = await guess();
      expect([401, 429]).toContain(answer.status);
      return answer.status === 429 && answer;
    });
    expect(refused.body.code).toBe('too_many_tries');
  });
}
