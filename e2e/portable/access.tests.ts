import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { anAddress } from '@waybill/testing';
import type { Operation } from '../system/api-document.ts';
import type { Client, ProblemView } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import { tampered, unsigned } from '../system/forged-token.ts';
import { newCustomer } from './new-customer.ts';
import { samplePath, sampleSend } from './samples.ts';
import type { Target } from './target.ts';
import { usualWebhook } from './usual-webhook.ts';

/** Routes without a token. A new route requires one until it is also listed here. */
const open = [
  'GET /.well-known/jwks.json',
  'GET /api/v1/availability',
  'GET /api/v1/availability/stream',
  'GET /api/v1/categories',
  'GET /api/v1/products',
  'GET /api/v1/products/{sku}',
  'GET /api/v1/products/{sku}/recommendations',
  'GET /health',
  'GET /health/live',
  'GET /health/ready',
  'GET /images/{key}',
  'GET /metrics',
  'POST /api/v1/activity',
  'POST /api/v1/auth/logout',
  'POST /api/v1/auth/refresh',
  'POST /api/v1/auth/token',
  'POST /api/v1/carriers/{carrier}/webhooks',
  'POST /api/v1/customers',
  'POST /api/v1/payments/{provider}/webhooks',
  'POST /api/v1/suppliers/{supplier}/webhooks',
];

/** Routes for every user, which show each user only their own data. All others are for operators. */
const forEverybody = [
  'DELETE /api/v1/customers/me',
  'DELETE /api/v1/customers/me/addresses/{id}',
  'DELETE /api/v1/webhooks/{id}',
  'GET /api/v1/credit-notes/{number}.pdf',
  'GET /api/v1/customers/me',
  'GET /api/v1/customers/me/addresses',
  'GET /api/v1/customers/me/credit',
  'GET /api/v1/customers/me/export',
  'GET /api/v1/customers/me/preferences',
  'GET /api/v1/notifications',
  'GET /api/v1/orders',
  'GET /api/v1/orders/{id}',
  'GET /api/v1/orders/{id}/events',
  'GET /api/v1/orders/{id}/invoice.pdf',
  'GET /api/v1/orders/{id}/journey',
  'GET /api/v1/orders/{id}/returns',
  'GET /api/v1/orders/{id}/stream',
  'GET /api/v1/shipments/{id}/label.pdf',
  'GET /api/v1/webhooks',
  'GET /api/v1/webhooks/{id}',
  'GET /api/v1/webhooks/{id}/deliveries',
  'GET /api/v1/webhooks/{id}/deliveries/{deliveryId}',
  'PATCH /api/v1/webhooks/{id}',
  'POST /api/v1/customers/me/addresses',
  'POST /api/v1/notifications/{id}/read',
  'POST /api/v1/orders',
  'POST /api/v1/orders/{id}/cancel',
  'POST /api/v1/orders/{id}/returns',
  'POST /api/v1/shipping/quotes',
  'POST /api/v1/shipping/quotes/stream',
  'POST /api/v1/ws/tickets',
  'POST /api/v1/webhooks',
  'POST /api/v1/webhooks/{id}/deliveries/{deliveryId}/redeliver',
  'POST /api/v1/webhooks/{id}/rotate',
  'POST /api/v1/webhooks/{id}/test',
  'PUT /api/v1/customers/me/addresses/{id}',
  'PUT /api/v1/customers/me/email',
  'PUT /api/v1/customers/me/preferences',
];

/**
 * By each path that ends in a parameter, what stands there for an object of a customer. Every route below that path is tested
 * with it, so a new route needs an entry only for a new kind of object.
 */
async function objectsOf(customer: Client): Promise<Readonly<Record<string, string>>> {
  const [order, cancelled] = await Promise.all([customer.buy(), customer.buy()]);
  await customer.cancel(cancelled.id);
  const creditNote = await eventually('a credit note is there', async () => {
    const { invoices } = await customer.order(cancelled.id);
    return invoices.find(({ kind }) => kind === 'credit_note');
  });
  const notification = await eventually('a notification is there', async () => {
    const query = { orderId: order.id };
    const { items } = await customer.read('/api/v1/notifications', { query });
    return items[0];
  });
  const { body: booked } = await customer.post<{ readonly id: string }>(
    '/api/v1/customers/me/addresses',
    anAddress(),
  );
  const webhookId = await usualWebhook(customer);
  const test = await customer.post<{ id: string }>(`/api/v1/webhooks/${webhookId}/test`, {});
  return {
    '/api/v1/customers/me/addresses/{id}': booked.id,
    '/api/v1/credit-notes/{number}': creditNote.number,
    '/api/v1/notifications/{id}': notification.id,
    '/api/v1/orders/{id}': order.id,
    '/api/v1/shipments/{id}': order.shipments[0]?.id ?? '',
    '/api/v1/webhooks/{id}': webhookId,
    '/api/v1/webhooks/{id}/deliveries/{deliveryId}': test.body.id,
  };
}

/** The URL path of an operation on one of `objects`. */
function pathTo({ name, path }: Operation, objects: Readonly<Record<string, string>>): string {
  return path.replaceAll(/\{\w+\}/g, (parameter, at: number) => {
    const place = path.slice(0, at + parameter.length);
    const object = objects[place];
    if (object) return object;
    throw new Error(
      `${name} has no access test: objectsOf() in e2e/portable/access.tests.ts needs an entry '${place}', the ${parameter} of such ` +
        'an object of a customer. A route for operators alone needs @Roles, one for everybody @Public.',
    );
  });
}

/** A problem without its ids, which differ from request to request. */
const withoutIds = (body: ProblemView): object =>
  JSON.parse(
    JSON.stringify(body).replaceAll(
      /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|C\d{4}-\d{6,}/g,
      '…',
    ),
  );

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
      const { method, file } = operation;
      const what = method === 'GET' || file !== null ? sampleSend(operation) : { json: {} };
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
      const statuses = [null, 'nonsense'].map(async (token) => {
        const client = target().anonymous().with(token);
        const path = samplePath(operation);
        return (await client.send(operation.method, path, sampleSend(operation))).status;
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

  it('answers a stranger by each route to an object of a customer as if there were none, and nobody with 401', async () => {
    const [ada, grace, ops] = await Promise.all([
      target().as('ada'),
      target().as('grace'),
      target().as('ops'),
    ]);
    const objects = await objectsOf(ada);
    const owned = target().contract.document.operations.filter(
      ({ parameters, isPublic, roles }) => parameters.length > 0 && !isPublic && roles.length === 0,
    );
    expect(owned.length).toBeGreaterThan(0);
    for (const operation of owned) {
      const theirs = pathTo(operation, objects);
      const missing = samplePath(operation);
      const answer = async (client: typeof ada, path: string) => {
        const what = sampleSend(operation);
        const { status, body } = await client.send<ProblemView>(operation.method, path, what);
        return { of: operation.name, status, body: withoutIds(body) };
      };
      const none = await answer(grace, missing);
      expect(none).toMatchObject({ of: operation.name, status: 404 });
      expect(await answer(grace, theirs)).toEqual(none);
      expect(await answer(target().anonymous(), theirs)).toMatchObject({ status: 401 });
      if (operation.method !== 'GET' || theirs.endsWith('/stream')) continue;
      for (const client of [ada, ops]) {
        const { status } = await client.get(theirs);
        expect([operation.name, status]).toEqual([operation.name, 200]);
      }
    }
  });

  it('refuses a deactivated customer on every route that looks at tokens', async () => {
    const ops = await target().as('ops');
    const { client } = await newCustomer(target(), {});
    const { id } = await client.read('/api/v1/customers/me', {});
    await ops.post(`/api/v1/customers/${id}/deactivate`, {});
    const refusalOf = async (operation: Operation) => {
      const path = samplePath(operation);
      const answer = client.send<ProblemView>(operation.method, path, sampleSend(operation));
      const { status, body } = await answer;
      return [operation.name, status, body?.code];
    };
    const operations = target().contract.document.operations.filter(({ takesToken }) => takesToken);
    const [first] = operations as [Operation];
    await eventually('the gateway knows', async () => (await refusalOf(first))[1] === 403);
    for (const operation of operations) {
      expect(await refusalOf(operation)).toEqual([operation.name, 403, 'customer_inactive']);
    }
  });

  it('keeps customers out of the lists of others', async () => {
    const [ada, grace] = await Promise.all([target().as('ada'), target().as('grace')]);
    const { customerId } = await ada.buy();
    for (const query of [`customerId=${customerId}`, `since_id=0&customerId=${customerId}`]) {
      expect((await grace.get(`/api/v1/orders?${query}`)).status).toBe(403);
    }
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

  it('refreshes a token once; a refresh token that was used ends its session', async () => {
    const { api } = target().anonymous();
    const body = target().credentials('ada');
    const { data: first } = await api.POST('/api/v1/auth/token', { body });
    const refresh = async (refreshToken = '') =>
      api.POST('/api/v1/auth/refresh', { body: { refreshToken } });
    const { data: second } = await refresh(first?.refreshToken);
    const client = target()
      .anonymous()
      .with(second?.accessToken ?? null);
    expect((await client.get('/api/v1/orders')).status).toBe(200);
    const reused = await refresh(first?.refreshToken);
    expect([reused.response.status, reused.error?.code]).toEqual([401, 'invalid_refresh_token']);
    expect((await refresh(second?.refreshToken)).response.status).toBe(401);
  });

  it('signs out, by the bearer token or by the refresh token', async () => {
    const { api } = target().anonymous();
    const body = target().credentials('ada');
    for (const by of ['bearer', 'refresh token']) {
      const { data } = await api.POST('/api/v1/auth/token', { body });
      const refreshToken = data?.refreshToken ?? '';
      const client = target()
        .anonymous()
        .with(by === 'bearer' ? (data?.accessToken ?? '') : null);
      const sent = by === 'bearer' ? {} : { json: { refreshToken } };
      expect((await client.send('POST', '/api/v1/auth/logout', sent)).status).toBe(204);
      const after = await api.POST('/api/v1/auth/refresh', { body: { refreshToken } });
      expect(after.response.status).toBe(401);
    }
  });

  it('replaces the key that signs tokens, and knows those of the old one', async () => {
    const [ops, ada] = [await target().as('ops'), await target().as('ada')];
    const { data } = await ops.api.POST('/api/v1/auth/keys/rotate', {});
    const { keys } = await ada.read('/.well-known/jwks.json', {});
    expect(keys.map(({ kid }) => kid)).toContain(data?.kid);
    expect((await ada.get('/api/v1/orders')).status).toBe(200);
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
    const refused = await eventually('guessing is refused', async () => {
      const answer = await guess();
      expect([401, 429]).toContain(answer.status);
      return answer.status === 429 && answer;
    });
    expect(refused.body.code).toBe('too_many_tries');
  });
}
