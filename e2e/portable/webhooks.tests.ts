import { expect, it } from '@jest/globals';
import type { Schemas } from '@waybill/client';
import { isSigned } from '@waybill/webhooks';
import type { Client, ProblemView } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import { type ReceivedWebhook, WebhookReceiver } from '../system/webhook-receiver.ts';
import type { Target } from './target.ts';

type Created = Schemas['CreatedWebhook'];
type Delivery = Schemas['WebhookDelivery'];
type Detail = Schemas['WebhookDeliveryDetail'];

/** A public name without an address. */
const nowhere = 'https://hooks.example/';

const isSignedBy = (secret: string, { headers, body }: ReceivedWebhook): boolean =>
  isSigned({ headers, rawBody: Buffer.from(body) }, [secret], new Date());

/** Webhooks; `reachesUs` is false for a system that cannot send anything to this machine. */
export function webhookTests(target: () => Target, reachesUs: boolean): void {
  let made = 0;

  /** A customer who has no webhooks yet. */
  async function newCustomer(): Promise<Client> {
    made += 1;
    const email = `hooks-${made}@${target().unique('h')}.example`.toLowerCase();
    const body = { email, password: 'correct horse', name: 'Hooks', locale: 'en' };
    await target().anonymous().post('/api/v1/customers', body);
    const signedIn = await target()
      .anonymous()
      .post<{ accessToken: string }>('/api/v1/auth/token', { email, password: body.password });
    return target().anonymous().with(signedIn.body.accessToken);
  }
  const create = (client: Client, url = nowhere, events = ['order.confirmed']) =>
    client.post<Created & ProblemView>('/api/v1/webhooks', { url, events });
  const path = (id: string, rest = '') => `/api/v1/webhooks/${id}${rest}`;
  const deliveriesOf = async (client: Client, id: string): Promise<Delivery[]> =>
    client.all('/api/v1/webhooks/{id}/deliveries', { path: { id } });
  const detailOf = async (client: Client, id: string, delivery: string): Promise<Detail> =>
    (await client.get<Detail>(path(id, `/deliveries/${delivery}`))).body;

  if (reachesUs)
    it('tell customers of their orders by signed requests, and again when they want it', async () => {
      const receiver = await WebhookReceiver.open();
      const customer = await newCustomer();
      const ops = await target().as('ops');
      receiver.status = 500;
      const { status, body: webhook, headers } = await create(customer, receiver.url);
      expect([status, headers.get('location')]).toEqual([201, path(webhook.id)]);
      const order = await customer.buy();
      const failed = await eventually('a delivery has failed', async () => {
        const [only] = await deliveriesOf(customer, webhook.id);
        const detail = only && (await detailOf(customer, webhook.id, only.id));
        return detail?.response?.status === 500 && detail;
      });
      expect(await detailOf(ops, webhook.id, failed.id)).toMatchObject({
        request: { url: '***', body: failed.request.body },
      });
      receiver.status = 204;
      const again = path(webhook.id, `/deliveries/${failed.id}/redeliver`);
      expect((await customer.post(again, {})).status).toBe(202);
      await eventually('it has arrived', async () => {
        const [only] = await deliveriesOf(customer, webhook.id);
        return only?.status === 'delivered';
      });
      for (const each of receiver.received) {
        expect(each.headers['webhook-id']).toBe(failed.id);
        expect(isSignedBy(webhook.secret, each)).toBe(true);
        expect(JSON.parse(each.body)).toMatchObject({
          type: 'order.confirmed',
          data: { orderId: order.id, number: order.number, status: 'confirmed' },
        });
      }
      const rotated = await customer.post<{ secret: string }>(path(webhook.id, '/rotate'), {});
      const test = await customer.post<Delivery>(path(webhook.id, '/test'), {});
      expect([rotated.status, test.status]).toEqual([200, 202]);
      const tested = await eventually('the test has arrived', async () =>
        receiver.received.find(({ headers }) => headers['webhook-id'] === test.body.id),
      );
      for (const secret of [webhook.secret, rotated.body.secret])
        expect(isSignedBy(secret, tested)).toBe(true);
      receiver.status = 410;
      await customer.post(path(webhook.id, '/test'), {});
      await eventually('it is disabled', async () => {
        const { body } = await customer.get<Schemas['Webhook']>(path(webhook.id));
        return body.disabledReason === 'gone';
      });
      receiver.close();
    });

  it('are made, changed, disabled, enabled and removed by their owners', async () => {
    const customer = await newCustomer();
    const ops = await target().as('ops');
    const { id } = (await create(customer)).body;
    const { secret: _, ...shown } = (await customer.get<Created>(path(id))).body;
    expect(shown).toMatchObject({ id, url: nowhere, enabled: true });
    expect((await customer.post(path(id, '/rotate'), {})).status).toBe(200);
    const change = { enabled: false, events: ['order.shipped'], description: 'mine' };
    const changed = await customer.send('PATCH', path(id), { json: change });
    expect(changed).toMatchObject({ status: 200, body: change });
    expect((await customer.post(path(id, '/test'), {})).status).toBe(409);
    expect((await customer.send('PATCH', path(id), { json: { enabled: true } })).status).toBe(200);
    const delivery = (await customer.post<Delivery>(path(id, '/test'), {})).body;
    const again = path(id, `/deliveries/${delivery.id}/redeliver`);
    expect((await customer.post(again, {})).status).toBe(202);
    await customer.send('PATCH', path(id), { json: { enabled: false } });
    expect((await customer.post(again, {})).status).toBe(409);
    expect((await ops.post(path(id, '/rotate'), {})).status).toBe(403);
    expect((await customer.send('DELETE', path(id))).status).toBe(204);
    expect((await customer.get(path(id))).status).toBe(404);
  });

  it('never lead into a network that is not public', async () => {
    const customer = await newCustomer();
    const { id } = (await create(customer)).body;
    for (const url of ['https://10.0.0.1/', 'https://169.254.169.254/', 'https://[fd00::1]/']) {
      const refused = await create(customer, url);
      expect([url, refused.status, refused.body.code]).toEqual([url, 422, 'endpoint_refused']);
      expect((await customer.send('PATCH', path(id), { json: { url } })).status).toBe(422);
    }
  });

  it('are not more than a customer may have', async () => {
    const customer = await newCustomer();
    const statuses: number[] = [];
    while (!statuses.includes(409)) statuses.push((await create(customer)).status);
    expect(new Set(statuses)).toEqual(new Set([201, 409]));
    expect(await customer.all('/api/v1/webhooks', {})).toHaveLength(statuses.length - 1);
  });
}
