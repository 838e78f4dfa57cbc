import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { newId } from '@waybill/contracts';
import { embeddedBroker } from '@waybill/embedded-broker';
import { oneBroker } from '@waybill/messaging';
import { until } from '@waybill/messaging/testing';
import { Jobs, Projections, type RunningService, startService } from '@waybill/service';
import { type TestDatabase, testDatabase } from '@waybill/testing';
import { Erasures } from './commands/erasures.ts';
import { CustomerModule } from './customer.module.ts';
import { PersonalData } from './personal-data.ts';
import { Credentials } from './storage/credentials.repository.ts';
import { customerInvariants } from './storage/customer.invariants.ts';
import { customerStorage } from './storage/customer.storage.ts';

const ada = '01980000-0000-7000-8000-00000000ada0';
const address = {
  name: 'Ada',
  line1: '1 Main St',
  line2: null,
  city: 'Berlin',
  postalCode: '10115',
  country: 'DE',
};

let database: TestDatabase;
let replicas: readonly RunningService[];

/** Two replicas on one database. */
beforeAll(async () => {
  database = await testDatabase(customerStorage);
  const start = () =>
    startService(CustomerModule, {
      env: { DATABASE_URL: database.url, LOG_LEVEL: 'error' },
      brokers: oneBroker(embeddedBroker()),
      migrate: true,
      seed: true,
      listen: null,
      tokenVerifier: {
        verify: (token) => ({
          id: token,
          roles: [token === 'ops' ? 'operator' : 'customer'],
          name: token,
          email: '',
        }),
      },
    });
  replicas = [await start(), await start()];
}, 60_000);
afterAll(async () => {
  for (const replica of replicas ?? []) await replica.close();
  await database?.close();
});

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** A request as the caller that `token` names; `at` selects the replica. */
async function call(method: Method, path: string, token: string | null, payload?: object, at = 0) {
  const response = await (replicas[at] as RunningService).app.inject({
    method,
    url: `/api/v1/customers${path}`,
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
    ...(payload ? { payload } : {}),
  });
  return {
    status: response.statusCode,
    body: response.body === '' ? undefined : response.json(),
  };
}
const signUp = (email: string, at = 0) =>
  call('POST', '', null, { email, password: 'correct horse', name: 'Someone' }, at);
const registered = async (email: string): Promise<string> => (await signUp(email)).body.id;

describe('accounts', () => {
  it('of the development users are there after each start, with their passwords', async () => {
    const credentials = replicas[1]?.app.get(Credentials) as Credentials;
    expect(await credentials.verify('Ada@example.com', 'waybill')).toEqual({
      customerId: ada,
      status: 'active',
      roles: ['customer'],
      email: 'ada@example.com',
      name: 'Ada Lovelace',
    });
    expect(await credentials.verify('ada@example.com', 'wrong')).toBeNull();
    expect(await credentials.verify('nobody@example.com', 'waybill')).toBeNull();
    expect((await credentials.verify('ops@example.com', 'waybill'))?.roles).toEqual(['operator']);
  });

  it('have an e-mail address of their own, also when 50 sign up with it at the same time', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => signUp('one@example.com', n % 2)),
    );
    const others = answers.filter(({ status }) => status !== 201);
    expect(others.map(({ body }) => body.code)).toEqual(Array(49).fill('email_taken'));
  });

  it('give their address back when they take another', async () => {
    const [first, second] = await Promise.all(
      ['first', 'second'].map((name) => registered(`${name}@example.com`)),
    );
    const change = (id: string | undefined, email: string, at = 0) =>
      call('PUT', '/me/email', id ?? '', { email }, at);
    expect((await change(second, 'First@Example.com')).body.code).toBe('email_taken');
    expect((await change(first, 'third@example.org')).body.email).toBe('third@example.org');
    expect((await change(second, 'first@example.com', 1)).status).toBe(200);
    const { body } = await call('GET', '/me', first ?? '');
    expect((await change(first, 'third@example.org')).body).toEqual(body);
    const spelled = await change(first, 'Third@example.org');
    expect(spelled.body).toMatchObject({ email: 'Third@example.org', version: body.version + 1 });
  });

  it('have one address in the end when they are changed twice at the same time', async () => {
    const id = await registered('hasty@example.com');
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        call('PUT', '/me/email', id, { email: `hasty${n}@example.com` }, n % 2),
      ),
    );
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
    const { email } = (await call('GET', '/me', id)).body;
    expect((await signUp(email)).status).toBe(409);
    expect(await customerInvariants(database.dataSource)).toEqual([]);
  });

  it('have the address that they show, also when it is spelled anew while another takes its place', async () => {
    const id = await registered('spelled@example.com');
    const change = (email: string, at: number) => call('PUT', '/me/email', id, { email }, at);
    const personal = replicas[0]?.app.get(PersonalData) as PersonalData;
    jest.spyOn(personal, 'encryptFor').mockImplementationOnce(async (customerId) => {
      await change('instead@example.com', 1);
      return personal.encryptFor(customerId);
    });
    expect((await change('Spelled@example.com', 0)).body.email).toBe('Spelled@example.com');
    expect((await signUp('spelled@example.com')).body.code).toBe('email_taken');
    expect((await signUp('instead@example.com')).status).toBe(201);
  });

  it('that are refused leave no key behind', async () => {
    await registered('keys@example.com');
    const keys = async () => (await database.pool.query('select subject from data_keys')).rows;
    const before = await keys();
    expect((await signUp('Keys@example.com', 1)).body.code).toBe('email_taken');
    expect(await keys()).toEqual(before);
  });

  it('of nobody are not found', async () => {
    const nobody = newId();
    expect((await call('GET', '/me', nobody)).status).toBe(404);
    expect((await call('PUT', '/me/email', nobody, { email: 'n@example.com' })).status).toBe(404);
    expect((await call('POST', '/me/addresses', nobody, address)).status).toBe(404);
    expect((await call('POST', `/${nobody}/deactivate`, 'ops')).status).toBe(404);
    expect((await call('GET', `/${nobody}/events`, 'ops')).status).toBe(404);
  });

  it.each<readonly [Method, string, object, string]>([
    ['POST', '', { email: 'x', password: 'correct horse', name: 'X' }, '/email'],
    ['POST', '', { email: 'x@example.com', password: '12345', name: 'X' }, '/password'],
    ['POST', '', { email: 'x@example.com', password: 'a\u0000bcdefg', name: 'X' }, '/password'],
    ['POST', '', { email: 'x@example.com', password: 'correct horse', name: '\u200b' }, '/name'],
    ['POST', '', { email: 'x@example.com', password: 'correct horse', name: 'a\nb' }, '/name'],
    [
      'POST',
      '',
      { email: 'x@example.com', password: 'correct horse', name: 'X', locale: 'de_DE' },
      '/locale',
    ],
    [
      'POST',
      '',
      { email: 'x@example.com', password: 'correct horse', name: 'X', roles: ['operator'] },
      '/roles',
    ],
    ['PUT', '/me/email', { email: `${'x'.repeat(320)}@example.com` }, '/email'],
    ['PUT', '/me/preferences', { email: 'yes' }, '/email'],
    ['PUT', '/me/preferences', { mutedTemplates: ['no-such'] }, '/mutedTemplates/0'],
    [
      'PUT',
      '/me/preferences',
      { mutedTemplates: ['order-shipped', 'order-shipped'] },
      '/mutedTemplates',
    ],
    ['POST', '/me/addresses', { ...address, country: 'de' }, '/country'],
    ['POST', '/me/addresses', { ...address, id: newId() }, '/id'],
  ])('refuse %s %s %j', async (method, path, payload, field) => {
    const { status, body } = await call(method, path, ada, payload);
    expect([status, body.errors?.map((each: { path: string }) => each.path)]).toEqual([
      400,
      [field],
    ]);
  });
});

describe('an address book', () => {
  it('is read in pages, changed and emptied, by its customer alone', async () => {
    const id = await registered('booked@example.com');
    const cities = ['Berlin', 'Hamburg', 'Köln'];
    for (const city of cities) await call('POST', '/me/addresses', id, { ...address, city });
    const first = (await call('GET', '/me/addresses?limit=2', id)).body;
    const rest = (await call('GET', `/me/addresses?cursor=${first.nextCursor}`, id, undefined, 1))
      .body;
    const all = [...first.items, ...rest.items];
    expect(all.map(({ city }) => city)).toEqual(cities);

    const one = `/me/addresses/${all[0].id}`;
    expect((await call('PUT', one, ada, address)).status).toBe(404);
    expect((await call('DELETE', one, ada)).status).toBe(404);
    const moved = (await call('PUT', one, id, { ...address, city: 'Bonn' })).body;
    expect(moved).toEqual({ ...address, id: all[0].id, city: 'Bonn' });
    for (const each of all) {
      expect((await call('DELETE', `/me/addresses/${each.id}`, id)).status).toBe(204);
    }
    expect((await call('GET', '/me/addresses', id)).body.items).toEqual([]);
  });
});

describe('operators', () => {
  it('deactivate and reactivate, and see every event without personal data', async () => {
    const id = await registered('events@example.com');
    const act = (what: string, at = 0) => call('POST', `/${id}/${what}`, 'ops', undefined, at);
    expect((await act('reactivate')).body).toMatchObject({ active: true, version: 1 });
    expect((await act('deactivate')).body).toMatchObject({ active: false, version: 2 });
    expect((await act('deactivate', 1)).body).toMatchObject({ active: false, version: 2 });
    const refused = await call('PUT', '/me/email', id, { email: 'other@example.com' });
    expect([refused.status, refused.body.code]).toEqual([403, 'customer_inactive']);
    expect((await act('reactivate', 1)).body).toMatchObject({ active: true, version: 3 });
    const { items } = (await call('GET', `/${id}/events`, 'ops')).body;
    expect(items.map(({ type }: { type: string }) => type)).toEqual([
      'registered',
      'deactivated',
      'reactivated',
    ]);
    expect(items[0].data).toEqual({
      emailDomain: 'example.com',
      locale: 'en',
      roles: ['customer'],
    });
  });

  it('see personal data masked, and in plain for a reason, which is audited', async () => {
    const id = await registered('veiled@veiled.example');
    const masked = { email: 'v***@veiled.example', name: '***' };
    const plain = { email: 'veiled@veiled.example', name: 'Someone' };
    await until(
      async () => (await call('GET', '?emailDomain=veiled.example', 'ops')).body.items[0],
    );
    const shown = async (path: string) => (await call('GET', path, 'ops')).body;
    expect(await shown(`/${id}`)).toMatchObject(masked);
    expect(await shown(`/${id}?reason=ticket+7`)).toMatchObject(plain);
    expect((await shown('?emailDomain=veiled.example')).items).toMatchObject([masked]);
    const list = await shown('?emailDomain=veiled.example&reason=ticket+7');
    expect(list.items).toMatchObject([plain]);
    for (const what of ['deactivate', 'reactivate', 'keys/rotate'])
      expect((await call('POST', `/${id}/${what}`, 'ops')).body).toMatchObject(masked);
    expect(await shown(`/${id}?reason=x`)).toMatchObject({ errors: [{ path: '/reason' }] });
    const { rows } = await database.pool.query(
      'select action, subject, status from operator_action where reason is not null order by id',
    );
    expect(rows).toEqual([
      { action: 'GET /api/v1/customers/{id}', subject: id, status: 200 },
      { action: 'GET /api/v1/customers', subject: null, status: 200 },
      { action: 'GET /api/v1/customers/{id}', subject: id, status: 400 },
    ]);
  });

  it('are the only ones who list and change others', async () => {
    for (const path of ['', `/${ada}`, `/${ada}/events`]) {
      expect((await call('GET', path, ada)).status).toBe(403);
    }
    expect((await call('POST', `/${ada}/deactivate`, ada)).status).toBe(403);
  });
});

describe('an erased customer', () => {
  const isGone = async (id: string, email: string) => {
    const shown = { email: null, name: null, active: false };
    expect((await call('GET', `/${id}`, 'ops')).body).toMatchObject(shown);
    expect((await call('GET', '/me/addresses', id)).body.items).toEqual([]);
    for (const what of ['reactivate', 'keys/rotate'])
      expect((await call('POST', `/${id}/${what}`, 'ops')).status).toBe(404);
    for (const at of [0, 1])
      expect((await call('POST', '/me/addresses', id, address, at)).status).toBe(404);
    expect((await signUp(email)).status).toBe(201);
    expect(await customerInvariants(database.dataSource)).toEqual([]);
  };

  it('is gone, however often, and although other changes come at the same time', async () => {
    const id = await registered('gone@example.com');
    await call('POST', '/me/addresses', id, address);
    const changes = Array.from({ length: 4 }, (_, n) =>
      call('PUT', '/me/email', id, { email: `gone${n}@example.com` }, n % 2),
    );
    const erasures = [0, 1].map((at) => call('DELETE', '/me', id, undefined, at));
    const statuses = (await Promise.all(erasures)).map(({ status }) => status);
    expect(statuses).toEqual([202, 202]);
    await Promise.all(changes);
    await until(async () => (await call('GET', `/${id}`, 'ops')).body.email === null);
    await isGone(id, 'gone@example.com');
  });

  it('is erased completely after a crash in the middle', async () => {
    const id = await registered('crashed@example.com');
    await replicas[0]?.app.get(PersonalData).erase(id);
    await replicas[1]?.app.get(Erasures).complete();
    await isGone(id, 'crashed@example.com');
  });

  it('may have no account here', async () => {
    expect((await call('DELETE', '/me', newId())).status).toBe(202);
  });
});

describe('the list of customers', () => {
  const ids = async (query: string): Promise<string[]> => {
    const { body } = await call('GET', `?limit=200&${query}`, 'ops');
    return body.items.map(({ id }: { id: string }) => id);
  };
  const follows = (query: string, expected: readonly string[]) =>
    until(async () => JSON.stringify(await ids(query)) === JSON.stringify(expected));
  const projections = (at: number) => replicas[at]?.app.get(Projections) as Projections;
  const jobs = (at: number) => replicas[at]?.app.get(Jobs) as Jobs;

  it('follows the accounts, by domain and by status', async () => {
    const [one = '', other = ''] = [
      await registered('a@list.example'),
      await registered('b@LIST.example'),
    ];
    await follows('emailDomain=List.Example', [one, other]);
    await call('POST', `/${one}/deactivate`, 'ops', undefined, 1);
    await follows('emailDomain=list.example&active=true', [other]);
    await follows('active=false', [one]);
    await call('PUT', '/me/email', other, { email: 'b@elsewhere.example' });
    await follows('emailDomain=list.example', [one]);
    const { body } = await call('GET', '?emailDomain=elsewhere.example', 'ops');
    expect(body).toMatchObject({ items: [{ id: other, active: true }], lagMs: 0 });
    await call('POST', `/${one}/reactivate`, 'ops');
    await follows('active=false', []);
  });

  it('is no wrong while it has yet to show the latest changes', async () => {
    const id = await registered('followed@late.example');
    const domain = 'emailDomain=late.example';
    await follows(domain, [id]);
    let other = '';
    const connection = await database.pool.connect();
    try {
      // No replica moves the list on as long as its checkpoint is locked.
      await connection.query('begin');
      await connection.query('select from projection_checkpoint for update');
      await call('PUT', '/me/email', id, { email: 'followed@soon.example' });
      other = await registered('another@soon.example');
      expect(await ids(domain)).toEqual([id]);
      expect(await customerInvariants(database.dataSource)).toEqual([]);
    } finally {
      await connection.query('rollback');
      connection.release();
    }
    await follows('emailDomain=soon.example', [id, other]);
  });

  it('is built again while it serves, by whichever replica is left', async () => {
    const before = await ids('');
    const job = await projections(0).rebuild('customers', 'ops@example.com');
    expect(job).toMatchObject({ state: 'running', url: null, requestedBy: 'ops@example.com' });
    expect((await projections(1).rebuild('customers', 'another')).id).toBe(job.id);
    await until(async () => {
      expect(await ids('')).toEqual(before);
      return (await jobs(1).read(job.id)).state === 'done';
    });
    expect(await ids('')).toEqual(before);
    expect(await jobs(0).read(job.id)).toMatchObject({ progress: 1 });
    const [report] = await projections(1).list();
    expect(report).toMatchObject({ name: 'customers', generation: 2, jobId: null, lagMs: 0 });
    const rows = await database.pool.query('SELECT DISTINCT generation FROM customer_list');
    expect(rows.rows).toEqual([{ generation: 2 }]);
    const late = await registered('late@late.example');
    await follows('emailDomain=late.example', [late]);
  });

  it('has no job and no projection by another name', async () => {
    for (const id of ['customer.x', `customer.${newId()}`, newId(), 'order.x']) {
      await expect(jobs(0).read(id)).rejects.toMatchObject({ status: 404 });
    }
    await expect(projections(0).rebuild('orders', 'ops')).rejects.toMatchObject({ status: 404 });
  });
});

it('leaves every invariant intact', async () => {
  expect(await customerInvariants(database.dataSource)).toEqual([]);
});
