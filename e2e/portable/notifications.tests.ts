import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import type { Schemas } from '@waybill/client';
import type { Client, ProblemView } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import { newCustomer } from './new-customer.ts';
import type { Target } from './target.ts';

/** What customers are told of their orders, and how they see it. */
export function notificationTests(target: () => Target): void {
  const settled = (client: Client, template: string): Promise<Schemas['Delivery']> =>
    eventually(`the e-mail ${template} is sent`, async () => {
      const all = await client.all('/api/v1/notifications', {});
      return all.find((each) => each.template === template && each.status !== 'queued');
    });
  const post = <T>(client: Client, id: string, action: 'read' | 'resend') =>
    client.post<T>(`/api/v1/notifications/${id}/${action}`, undefined);

  it('are notified in their language, mark it as read, and see nothing of others', async () => {
    const { client } = await newCustomer(target(), { locale: 'de' });
    const { client: other } = await newCustomer(target(), {});
    const { id, number } = await client.buy();
    expect(await settled(client, 'welcome')).toMatchObject({ orderId: null });
    const told = await settled(client, 'order-confirmed');
    expect(told).toMatchObject({
      orderId: id,
      status: 'sent',
      subject: `Ihre Bestellung ${number} ist bestätigt`,
      readAt: null,
    });
    expect((await post(client, told.id, 'read')).status).toBe(204);
    expect((await post(other, told.id, 'read')).status).toBe(404);
    expect((await settled(client, 'order-confirmed')).readAt).not.toBeNull();
    const query = { orderId: id };
    expect(await other.all('/api/v1/notifications', { query })).toEqual([]);
    expect(await client.all('/api/v1/notifications', { query })).toHaveLength(1);
  });

  it('get no e-mail that they have turned off', async () => {
    const { client } = await newCustomer(target(), {});
    const body = { mutedTemplates: ['order-rejected'], digest: 'none' };
    await client.send('PUT', '/api/v1/customers/me/preferences', { json: body });
    const ops = await target().as('ops');
    await eventually('notification knows it', async () => {
      const { id } = await client.buy({ payment: { method: 'card', token: 'tok_declined' } });
      const query = { orderId: id };
      const [found] = await eventually('they are notified', async () => {
        const all = await ops.all('/api/v1/notifications', { query });
        return all.length > 0 && all;
      });
      return found?.status === 'suppressed';
    });
  });

  it('who cannot be reached are not written to again, unless an operator wants it', async () => {
    const { client } = await newCustomer(target(), { domain: 'fail.com' });
    const ops = await target().as('ops');
    const bounced = await settled(client, 'welcome');
    expect(bounced.status).toBe('bounced');
    expect(bounced.error).not.toContain('fail.com');
    expect((await post(ops, bounced.id, 'resend')).status).toBe(202);
    expect((await settled(client, 'welcome')).status).toBe('bounced');
    const unknown = `${randomUUID()}.order-confirmed`;
    expect((await post<ProblemView>(ops, unknown, 'resend')).body.code).toBe('not_found');
    expect((await post(client, bounced.id, 'resend')).status).toBe(403);
  });

  it('are sent their e-mails from a queue that operators look at, and fill again from its rows', async () => {
    const { client } = await newCustomer(target(), {});
    const ops = await target().as('ops');
    type Queue = Schemas['WorkQueue'];
    const rebuilt = await ops.post<Queue>('/api/v1/notifications/queues/email/rebuild', undefined);
    expect([rebuilt.status, rebuilt.body.name]).toEqual([200, 'email']);
    expect((await settled(client, 'welcome')).status).toBe('sent');
    const { body } = await ops.get<Queue>('/api/v1/notifications/queues/email');
    expect(body).toMatchObject({ name: 'email', next: expect.any(Array) });
    const unknown = '/api/v1/notifications/queues/lost';
    expect((await ops.get(unknown)).status).toBe(404);
    expect((await ops.post(`${unknown}/rebuild`, undefined)).status).toBe(404);
  });

  it('see e-mails whose templates operators can look at', async () => {
    const ops = await target().as('ops');
    const path = '/api/v1/templates/order-shipped/preview?locale=de';
    const { body } = await ops.get<Schemas['TemplatePreview']>(path);
    expect(body.html).toContain('<html lang="de">');
    const { status } = await ops.get('/api/v1/templates/order-lost/preview');
    expect(status).toBe(404);
  });
}
