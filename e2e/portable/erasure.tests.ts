import { expect, it } from '@jest/globals';
import type { Schemas } from '@waybill/client';
import { anAddress } from '@waybill/testing';
import type { Client, ProblemView } from '../system/client.ts';
import { EventReader } from '../system/event-reader.ts';
import { eventually } from '../system/eventually.ts';
import { patient } from '../system/patience.config.ts';
import type { Target } from './target.ts';

const password = 'correct horse';

/** Milliseconds: well before keys in memory are read again. */
const atOnce = patient(10_000);

/** What customers can do with their own data: export them, and be erased. */
export function erasureTests(target: () => Target): void {
  let made = 0;

  const signIn = (email: string) =>
    target().anonymous().post<Schemas['IssuedTokens'] & ProblemView>('/api/v1/auth/token', {
      email,
      password,
    });

  /** A new customer with an address, a deposit and an order, signed in. */
  async function newCustomer(): Promise<{ email: string; client: Client; refreshToken: string }> {
    made += 1;
    const email = `${target().unique(`mine${made}`)}@example.com`.toLowerCase();
    const body = { email, password, name: 'Own Data', locale: 'en' };
    await target().anonymous().api.POST('/api/v1/customers', { body });
    const { accessToken, refreshToken } = (await signIn(email)).body;
    const client = target().anonymous().with(accessToken);
    await client.post('/api/v1/customers/me/addresses', anAddress());
    return { email, client, refreshToken };
  }

  const isRefused = (client: Client) =>
    eventually('the token is refused', async () => {
      const { status, body } = await client.get<ProblemView>('/api/v1/orders');
      return status === 403 && body.code === 'customer_inactive';
    });

  it('get everything that the system has of them in one document', async () => {
    const { email, client } = await newCustomer();
    const ops = await target().as('ops');
    const amount = { amount: 500, currency: 'EUR' };
    await ops.post(`/api/v1/customers/${client.userId}/credit/deposit`, { amount });
    const { id } = await client.buy({ note: 'leave it at the door' });
    const found = await eventually('the e-mails are there', async () => {
      const all = await client.whole('/api/v1/customers/me/export', {});
      return all.notifications.length > 0 && all.otherNotifications.length > 0 && all;
    });
    expect(found).toMatchObject({
      customerId: client.userId,
      account: { email, name: 'Own Data' },
      preferences: { email: true },
      addresses: [{ line1: anAddress().line1 }],
      sessions: [{ endedAt: null }],
      credit: { balance: amount },
      creditEntries: [{ kind: 'deposit', amount }],
      orders: [{ id, note: 'leave it at the door', shippingAddress: anAddress() }],
      payments: [{ orderId: id }],
      shipments: [{ orderId: id }],
      notifications: [{ orderId: id, recipient: email }],
      webhooks: [],
      otherNotifications: [{ template: 'welcome', recipient: email }],
      missing: [],
    });
    expect(Object.keys(found.payments[0] ?? {})).not.toContain('providerCalls');
    const others = await (await newCustomer()).client.read('/api/v1/customers/me/export', {});
    expect(others).toMatchObject({ orders: [], payments: [], credit: { balance: { amount: 0 } } });
  });

  it('are erased: nobody signs in, no token counts, and nobody sees them any more', async () => {
    const { email, client, refreshToken } = await newCustomer();
    const { id } = await client.buy({ note: 'leave it at the door' });
    const underWay = await client.placeOrder();
    const headers = { accept: '*/*' };
    const stream = await EventReader.open(client, `/api/v1/orders/${id}/stream`, { headers });
    expect((await client.send('DELETE', '/api/v1/customers/me')).status).toBe(202);
    const again = await client.send<ProblemView>('DELETE', '/api/v1/customers/me');
    expect([202, 403]).toContain(again.status);
    await isRefused(client);
    await eventually('the event stream ends', async () => stream.answer.destroyed, atOnce);
    expect((await signIn(email)).status).toBe(401);
    const { api } = target().anonymous();
    const refreshed = await api.POST('/api/v1/auth/refresh', { body: { refreshToken } });
    expect(refreshed.response.status).toBe(401);

    const ops = await target().as('ops');
    const path = { id: client.userId };
    expect(await ops.read('/api/v1/customers/{id}', { path })).toMatchObject({
      email: null,
      name: null,
      active: false,
    });
    const events = await ops.all('/api/v1/customers/{id}/events', { path });
    expect(events.at(-1)?.type).toBe('erased');
    for (const action of ['deactivate', 'reactivate']) {
      const refused = await ops.post(`/api/v1/customers/${client.userId}/${action}`, {});
      expect(refused.status).toBe(404);
    }
    await eventually(
      'its orders show nobody',
      async () => {
        const query = { reason: 'ticket 7' };
        const { shippingAddress, note } = await ops.read('/api/v1/orders/{id}', {
          path: { id },
          query,
        });
        return shippingAddress.line1 === 'erased' && note === null;
      },
      atOnce,
    );
    await ops.settled(underWay.body.id);
    const emailDomain = 'example.com';
    await eventually('the list has no row', async () => {
      const all = await ops.all('/api/v1/customers', { query: { emailDomain } });
      return all.every((each) => each.id !== client.userId);
    });
  });

  it('may sign up anew with the same address, as somebody else', async () => {
    const { email, client } = await newCustomer();
    await client.send('DELETE', '/api/v1/customers/me');
    const body = { email, password, name: 'Somebody New', locale: 'en' };
    const { data } = await target().anonymous().api.POST('/api/v1/customers', { body });
    expect(data?.id).not.toBe(client.userId);
    const { accessToken } = (await signIn(email)).body;
    const fresh = target().anonymous().with(accessToken);
    expect(await fresh.read('/api/v1/customers/me', {})).toMatchObject({ name: 'Somebody New' });
    expect(await fresh.all('/api/v1/orders', {})).toEqual([]);
    await isRefused(client);
  });

  it('keep what was encrypted when an operator makes a new version of their key', async () => {
    const { email, client } = await newCustomer();
    const { id } = await client.buy({ note: 'before' });
    const ops = await target().as('ops');
    const path = { id: client.userId };
    const { data } = await ops.api.POST('/api/v1/customers/{id}/keys/rotate', { params: { path } });
    expect(data).toMatchObject({ id: client.userId, email: `${email[0]}***@example.com` });
    const after = await client.buy({ note: 'after' });
    expect([(await client.order(id)).note, after.note]).toEqual(['before', 'after']);
    const { items } = await ops.read('/api/v1/audit', { query: { limit: 200 } });
    expect(items.map(({ action }) => action)).toContain('POST /api/v1/customers/{id}/keys/rotate');
  });
}
