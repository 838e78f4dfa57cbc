import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from './system/client.ts';
import { eventually } from './system/eventually.ts';
import { OidcIssuer } from './system/oidc-issuer.ts';
import { TestSystem } from './system/test-system.ts';

let issuer: OidcIssuer;
let system: TestSystem;

beforeAll(async () => {
  const rolesOf = (user: string) => [user === 'olga' ? 'operator' : 'customer', 'admin'];
  issuer = await OidcIssuer.start(rolesOf, 'orders-of-shops');
  system = await TestSystem.start({
    AUTH_ISSUER: issuer.url,
    AUTH_AUDIENCE: 'orders-of-shops',
    AUTH_ROLES_CLAIM: 'realm.roles',
  });
}, 90_000);
afterAll(async () => {
  await system?.dispose();
  await issuer?.stop();
});

const as = async (user: string) => new Client(system.url, (await issuer.signIn(user)).access_token);

describe('a system whose users another issuer signs in', () => {
  it('finds its keys by its name, and takes its tokens with their roles', async () => {
    const [carl, olga] = [await as('carl'), await as('olga')];
    const order = await carl.buy();
    expect(order).toMatchObject({ status: 'confirmed', customerId: 'carl' });
    expect((await olga.get(`/api/v1/orders/${order.id}`)).status).toBe(200);
    expect((await (await as('eve')).get(`/api/v1/orders/${order.id}`)).status).toBe(404);
    const sagas = [carl, olga].map(async (each) => (await each.get('/api/v1/sagas')).status);
    expect(await Promise.all(sagas)).toEqual([403, 200]);
  });

  it('takes no token that the issuer made for another purpose', async () => {
    const { id_token } = await issuer.signIn('olga');
    expect((await new Client(system.url, id_token).get('/api/v1/sagas')).status).toBe(401);
  });

  it('opens the account of a customer at the first call for it, with what the token says', async () => {
    const [fay, namesake, olga] = [await as('fay'), await as('fay-2'), await as('olga')];
    const me = '/api/v1/customers/me';
    const calls = [`${me}`, `${me}/addresses`, `${me}/preferences`, me, me];
    const answers = await Promise.all(calls.map((path) => fay.get(path)));
    expect(answers.map(({ status }) => status)).toEqual(calls.map(() => 200));
    const account = { id: 'fay', name: 'fay', email: 'fay@issuer.example', active: true };
    expect(answers[0]?.body).toMatchObject({ ...account, version: 1 });
    expect(await namesake.read(me, {})).toMatchObject({ id: 'fay-2', email: null });
    const change = (email: string) => namesake.send('PUT', `${me}/email`, { json: { email } });
    const changes = ['one', 'other'].map((name) => change(`${name}@issuer.example`));
    for (const { status } of await Promise.all(changes)) expect(status).toBe(200);

    const amount = { amount: 10_000_000, currency: 'EUR' };
    await olga.post('/api/v1/customers/fay/credit/deposit', { amount });
    const order = await fay.buy({ payment: { method: 'credit' } });
    expect(order).toMatchObject({ status: 'confirmed', customerId: 'fay' });

    expect((await fay.send('DELETE', me)).status).toBe(202);
    await eventually('the token is refused', async () => (await fay.get(me)).status === 403);
    expect((await olga.get('/api/v1/customers/fay')).body).toMatchObject({ email: null });
  });

  it('has no routes to sign in itself', async () => {
    const nobody = new Client(system.url);
    const signIn = { email: 'ada@example.com', password: 'waybill' };
    for (const [method, path, json] of [
      ['POST', '/api/v1/auth/token', signIn],
      ['POST', '/api/v1/auth/refresh', { refreshToken: 'x' }],
      ['GET', '/.well-known/jwks.json', undefined],
    ] as const) {
      const { status } = await nobody.send(method, path, json ? { json } : {});
      expect([path, status]).toEqual([path, 404]);
    }
  });

  it('goes on while the issuer is away', async () => {
    const [carl, late] = [await as('carl'), await as('late')];
    await issuer.stop();
    for (const each of [carl, late]) expect((await each.buy()).status).toBe('confirmed');
    expect(await system.verify()).toEqual([]);
  });
});
