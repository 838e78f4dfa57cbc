import { expect, it } from '@jest/globals';
import type { Schemas } from '@waybill/client';
import type { ProblemView } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import type { Target } from './target.ts';

type CustomerView = Schemas['Customer'];

const address = {
  name: 'Ada L.',
  line1: '1 Main St',
  line2: null,
  city: 'Berlin',
  postalCode: '10115',
  country: 'DE',
};

/** Accounts: sign-up, changes, operators, and the read models that follow them. */
export function customerTests(target: () => Target): void {
  let made = 0;

  /** A domain that no account of another test has. */
  const domain = (): string => {
    made += 1;
    return `${target().unique(`d${made}`)}.example`.toLowerCase();
  };
  const signUp = (email: string) =>
    target().anonymous().post<CustomerView & ProblemView>('/api/v1/customers', {
      email,
      password: 'correct horse',
      name: 'Somebody',
      locale: 'de-AT',
    });
  const signIn = (email: string) =>
    target().anonymous().post<Schemas['IssuedTokens'] & ProblemView>('/api/v1/auth/token', {
      email,
      password: 'correct horse',
    });
  /** A customer who has just signed up, signed in. */
  async function newCustomer(email: string) {
    const { body } = await signUp(email);
    const { accessToken } = (await signIn(email)).body;
    return { id: body.id, client: target().anonymous().with(accessToken) };
  }
  /** The ids of the list, in its order. */
  async function listed(query: { emailDomain: string; active?: 'true' | 'false' }) {
    const ops = await target().as('ops');
    const all = await ops.all('/api/v1/customers', { query });
    return all.map(({ id }) => id);
  }
  const follows = (query: Parameters<typeof listed>[0], expected: readonly string[]) =>
    eventually('the list follows the accounts', async () => {
      return JSON.stringify(await listed(query)) === JSON.stringify(expected);
    });

  it('sign up once for an e-mail address, however it is spelled', async () => {
    const at = domain();
    const { status, body, headers } = await signUp(`One@${at}`);
    expect([status, headers.get('location')]).toEqual([201, `/api/v1/customers/${body.id}`]);
    expect(body).toMatchObject({ email: `One@${at}`, locale: 'de-AT', active: true, version: 1 });
    const again = await signUp(`one@${at.toUpperCase()}`);
    expect([again.status, again.body.code]).toEqual([409, 'email_taken']);
    const many = await Promise.all(Array.from({ length: 20 }, () => signUp(`many@${at}`)));
    expect(many.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(many.filter(({ body: { code } }) => code === 'email_taken')).toHaveLength(19);
  });

  it('are deactivated and reactivated by operators, once each time, and lists follow', async () => {
    const ops = await target().as('ops');
    const emailDomain = domain();
    const [one, other] = [
      (await signUp(`one@${emailDomain}`)).body.id,
      (await signUp(`other@${emailDomain}`)).body.id,
    ];
    await follows({ emailDomain }, [one, other]);
    const act = async (what: string) =>
      (await ops.post<CustomerView>(`/api/v1/customers/${one}/${what}`, {})).body;
    expect(await act('reactivate')).toMatchObject({ active: true, version: 1 });
    expect(await act('deactivate')).toMatchObject({ active: false, version: 2 });
    expect(await act('deactivate')).toMatchObject({ active: false, version: 2 });
    await follows({ emailDomain, active: 'false' }, [one]);
    await follows({ emailDomain, active: 'true' }, [other]);
    expect(await act('reactivate')).toMatchObject({ active: true, version: 3 });
    await follows({ emailDomain, active: 'true' }, [one, other]);
    const path = { id: one };
    expect(await ops.read('/api/v1/customers/{id}', { path })).toMatchObject({ version: 3 });
    const events = await ops.all('/api/v1/customers/{id}/events', { path });
    expect(events.map(({ type, version }) => [type, version])).toEqual([
      ['registered', 1],
      ['deactivated', 2],
      ['reactivated', 3],
    ]);
    expect(JSON.stringify(events)).not.toContain(`one@${emailDomain}`);
  });

  it('change the e-mail address with which they sign in, and nobody else gets it meanwhile', async () => {
    const at = domain();
    const [before, taken, next] = ['before', 'taken', 'next'].map((name) => `${name}@${at}`) as [
      string,
      string,
      string,
    ];
    const { client } = await newCustomer(before);
    const change = (email: string) =>
      client.send<CustomerView & ProblemView>('PUT', '/api/v1/customers/me/email', {
        json: { email },
      });
    await signUp(taken);
    const refused = await change(taken);
    expect([refused.status, refused.body.code]).toEqual([409, 'email_taken']);
    const changed = await change(next);
    expect([changed.status, changed.body.email]).toEqual([200, next]);
    expect((await change(next)).body.version).toBe(changed.body.version);
    expect((await signUp(next)).status).toBe(409);
    expect([(await signIn(before)).status, (await signIn(next)).status]).toEqual([401, 200]);
    expect((await signUp(before)).status).toBe(201);
  });

  it('choose which e-mails they get, and in which language', async () => {
    const ada = await target().as('ada');
    const path = '/api/v1/customers/me/preferences';
    const before = await ada.read(path, {});
    const chosen = {
      email: true,
      mutedTemplates: ['order-shipped'],
      locale: 'de',
      digest: 'hourly',
    };
    expect((await ada.send('PUT', path, { json: chosen })).body).toEqual(chosen);
    expect(await ada.read(path, {})).toEqual(chosen);
    expect((await ada.send('PUT', path, { json: before })).body).toEqual(before);
  });

  it('keep an address book, which has an end', async () => {
    const grace = await target().as('grace');
    const path = '/api/v1/customers/me/addresses';
    const add = (city: string) =>
      grace.post<Schemas['BookedAddress'] & ProblemView>(path, { ...address, city });
    const { status, body: first } = await add('Berlin');
    expect([status, first]).toEqual([201, { ...address, id: first.id }]);
    const one = `${path}/${first.id}`;
    const moved = await grace.send('PUT', one, { json: { ...address, city: 'Köln' } });
    expect([moved.status, moved.body]).toEqual([200, { ...address, id: first.id, city: 'Köln' }]);
    for (let full = false; !full; ) {
      const answer = await add('Bonn');
      full = answer.body.code === 'too_many_addresses';
      expect(answer.status).toBe(full ? 409 : 201);
    }
    const all = await grace.all(path, { query: { limit: 30 } });
    expect(all.some(({ id, city }) => id === first.id && city === 'Köln')).toBe(true);
    for (const { id } of all)
      expect((await grace.send('DELETE', `${path}/${id}`)).status).toBe(204);
    expect((await grace.send('DELETE', one)).status).toBe(404);
    expect(await grace.all(path, {})).toEqual([]);
  });

  it('are listed by a projection that is built again while it serves; invoices are not', async () => {
    const ops = await target().as('ops');
    const emailDomain = domain();
    const { id } = (await signUp(`one@${emailDomain}`)).body;
    await follows({ emailDomain }, [id]);
    const job = await ops.post<Schemas['Job']>('/api/v1/projections/customers/rebuild', {});
    expect([job.status, job.body.url]).toEqual([202, null]);
    const lists: string[][] = [];
    await eventually('the job is done', async () => {
      lists.push(await listed({ emailDomain }));
      const found = await ops.read('/api/v1/jobs/{id}', { path: { id: job.body.id } });
      return found.state === 'done' && found.progress === 1;
    });
    expect(lists).toEqual(lists.map(() => [id]));
    const { items } = await ops.whole('/api/v1/projections', {});
    const generations = items.map(({ name, rebuildable }) => [name, rebuildable]);
    expect(generations).toEqual(
      expect.arrayContaining([
        ['customers', true],
        ['invoices', false],
      ]),
    );
    const refused = await ops.post<ProblemView>('/api/v1/projections/invoices/rebuild', {});
    expect([refused.status, refused.body.code]).toEqual([409, 'not_rebuildable']);
  });
}
