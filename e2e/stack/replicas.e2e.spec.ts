import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { channelOf, encode, newId, RestockProduct, wrap } from '@waybill/contracts';
import { withDatabases } from '../invariants/service-databases.ts';
import type { OrderView, Read } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import { patient } from '../system/patience.config.ts';
import { useProcesses } from '../system/process-system.ts';
import { stockOf, stockUp } from '../system/products.ts';

const twice = { order: 2, inventory: 2, payment: 2, shipping: 2 };
const many = 12;
const retentionEvery = 1_000;
const restocks = channelOf(RestockProduct);

/** A message to restock a product by one. */
function restockOf(sku: string): { id: string; body: string } {
  const data = { requestId: randomUUID(), sku, quantity: 1, warehouse: 'MAIN' };
  const id = newId();
  const cause = { id, correlationId: id, traceparent: null };
  const context = { cause, source: 'inventory', now: new Date(), name: 'restock' };
  const wrapped = wrap(RestockProduct(data), context);
  return { id: wrapped.id, body: encode({ ...wrapped, causationId: null }) };
}

describe('two replicas of the services that an order needs', () => {
  const system = useProcesses({ replicas: twice, env: { RETENTION_EVERY: `${retentionEvery}ms` } });

  /** Enough concurrent orders for every partition; each waits at the replica that the gateway selects. */
  async function buyMany(): Promise<readonly string[]> {
    const ada = await system().as('ada');
    const bought = await Promise.all(Array.from({ length: many }, () => ada.buy()));
    return bought.map(({ status }: OrderView) => status);
  }
  const allConfirmed = Array.from({ length: many }, () => 'confirmed');

  it('share the work, and both serve', async () => {
    expect(await buyMany()).toEqual(allConfirmed);
    const ops = await system().as('ops');
    // Whatever the status: on a busy machine an event loop may be late at this moment.
    const { body: health } = await ops.get<Read<'/health'>>('/health');
    const names = health.services.map(({ service }) => service).sort();
    expect(names).toEqual([
      ...['analytics', 'customer', 'gateway', 'inventory', 'inventory', 'notification', 'order'],
      ...['order', 'payment', 'payment', 'shipping', 'shipping'],
    ]);
    await eventually('the metrics have the second replica', async () => {
      const { bytes } = await ops.get('/metrics');
      return bytes.toString().includes('service="order",instance="order-2"');
    });
  });

  it('do without one that is gone', async () => {
    for (const name of Object.keys(twice)) await system().killForGood(name, 2);
    expect(await buyMany()).toEqual(allConfirmed);
    const before = system().pid('payment', 1);
    for (const name of Object.keys(twice)) system().release(name, 2);
    for (const name of Object.keys(twice)) await system().restarted(name, 2, undefined);
    expect(system().pid('payment', 1)).toBe(before);
    expect(await buyMany()).toEqual(allConfirmed);
  });

  it('do without one that is frozen, which takes up nothing stale when it goes on', async () => {
    for (const name of Object.keys(twice)) system().freeze(name, 1);
    const ada = await system().as('ada');
    const accepted: string[] = [];
    await eventually('orders are accepted by the others', async () => {
      const placed = await ada.placeOrderOnce().catch(() => undefined);
      if (placed?.status === 202) accepted.push(placed.body.id);
      return accepted.length >= many;
    });
    for (const id of accepted.slice(-3)) expect((await ada.settled(id)).status).toBe('confirmed');
    for (const name of Object.keys(twice)) system().thaw(name, 1);
    for (const id of accepted) expect((await ada.settled(id)).status).toBe('confirmed');
    expect(await buyMany()).toEqual(allConfirmed);
  });

  it('leave a scheduled task to one at a time, and to the other one when that is killed', async () => {
    await withDatabases(system().databases, async ({ payment }) => {
      const lease = async () => {
        const [row] = await payment.query<{ holder: string; fence: number; takenAt: Date }[]>(
          `select holder, fence::int, taken_at as "takenAt" from task_lease where name = 'retention'`,
        );
        return row ?? { holder: '', fence: 0, takenAt: new Date(0) };
      };
      const runs = async (count: number, holder?: string) => {
        const { fence } = await lease();
        return eventually(`it has run ${count} times`, async () => {
          const now = await lease();
          return now.fence >= fence + count && (!holder || now.holder === holder) && now;
        });
      };
      const first = await runs(1);
      const later = await runs(5);
      const most = (later.takenAt.getTime() - first.takenAt.getTime()) / (0.9 * retentionEvery);
      expect(later.fence - first.fence).toBeLessThanOrEqual(most);
      const killed = Number(later.holder.split('-')[1]);
      await system().killForGood('payment', killed);
      await runs(3, `payment-${3 - killed}`);
      system().release('payment', killed);
      await system().restarted('payment', killed, undefined);
    });
  });

  it('forget the key of an erased customer, also the one that did not know of it', async () => {
    const credentials = { email: 'forgotten@replicas.example', password: 'correct horse' };
    const { api } = system().anonymous();
    await api.POST('/api/v1/customers', { body: { ...credentials, name: 'Nobody', locale: 'en' } });
    const { data } = await api.POST('/api/v1/auth/token', { body: credentials });
    const customer = system()
      .anonymous()
      .with(data?.accessToken ?? null);
    const { id } = await customer.buy({ note: 'leave it at the door' });
    const { token } = await system().as('ops');
    const notes = () =>
      Promise.all(
        [1, 2].map(async (replica) => {
          const order = system().at('order', replica).with(token);
          const { body } = await order.get<OrderView>(`/api/v1/orders/${id}?reason=test`);
          return body.note;
        }),
      );
    // Each has the key in memory now.
    expect(await notes()).toEqual(['leave it at the door', 'leave it at the door']);
    expect((await customer.send('DELETE', '/api/v1/customers/me')).status).toBe(202);
    await eventually(
      'neither can decrypt the note',
      async () => (await notes()).every((note) => note === null),
      // Well before keys in memory are read again.
      patient(10_000),
    );
  });

  it('redrive as a job that outlives a kill -9, and no dead letter takes effect twice', async () => {
    const ops = await system().as('ops');
    const sku = 'REDRIVEN';
    const letters = 100;
    await withDatabases(system().databases, async ({ inventory }) => {
      const messages = Array.from({ length: letters }, () => restockOf(sku));
      await inventory.query(
        `insert into outbox (id, broker, lane, channel, key, body)
          select id, 'rabbitmq', 0, $3, $4, body from unnest($1::uuid[], $2::text[]) as t (id, body)`,
        [messages.map(({ id }) => id), messages.map(({ body }) => body), restocks, sku],
      );
      await eventually('all are dead letters, because there is no such product', async () => {
        const [row] = await inventory.query<{ count: number }[]>(
          'select count(*)::int as count from dead_letter where key = $1',
          [sku],
        );
        return row?.count === letters;
      });
      await stockUp(ops, sku, 1);
      const filter = { type: RestockProduct.type };
      const begun = await ops.post<Read<'/api/v1/jobs/{id}'>>('/api/v1/dead-letters/redrive', {
        filter,
        ratePerSecond: 10,
      });
      const job = () => ops.read('/api/v1/jobs/{id}', { path: { id: begun.body.id } });
      await eventually(
        'some are redriven',
        async () => ((await job()).counts['redriven'] ?? 0) > 0,
      );
      const [lease] = await inventory.query<{ holder: string }[]>(
        `select holder from task_lease where name = 'redrive-jobs'`,
      );
      const working = Number(lease?.holder.split('-')[1]);
      const before = system().pid('inventory', working);
      await system().kill('inventory', working);
      await eventually(
        'the job is done',
        async () => (await job()).state === 'done',
        patient(60_000),
      );
      expect((await job()).counts).toMatchObject({ expected: letters, redriven: letters });
      await eventually('each has been applied', async () => {
        const { available } = await stockOf(ops, sku);
        return available >= letters + 1;
      });
      await system().restarted('inventory', working, before);
      expect((await stockOf(ops, sku)).available).toBe(letters + 1);
    });
  });

  it('pause a channel together, also one that starts later, until it is resumed', async () => {
    const [ada, ops] = await Promise.all([system().as('ada'), system().as('ops')]);
    const channel = '/api/v1/channels/shipping.commands';
    expect((await ops.post(`${channel}/pause`, {})).status).toBe(200);
    const before = system().pid('shipping', 2);
    await system().kill('shipping', 2);
    await system().restarted('shipping', 2, before);
    const placed: string[] = [];
    const latest = () => Promise.all(placed.slice(-many).map((id) => ada.order(id)));
    await eventually('the commands of as many orders as reach every partition wait', async () => {
      const { body } = await ops.get<Read<'/api/v1/channels/{name}'>>(channel);
      const orders = await latest();
      if (orders.length > 0 && orders.every(({ status }) => status === 'pending'))
        return (body.depth ?? 0) >= many;
      // Within a second after the pause, a replica that did not know of it yet may have booked some.
      const more = await Promise.all(Array.from({ length: many }, () => ada.placeOrder()));
      placed.push(...more.map(({ body: { id } }) => id));
      return false;
    });
    expect((await ops.post(`${channel}/resume`, {})).status).toBe(200);
    for (const id of placed) expect((await ada.settled(id)).status).toBe('confirmed');
  });

  it('leave every invariant intact', async () => {
    expect(await system().verify()).toEqual([]);
  });
});
