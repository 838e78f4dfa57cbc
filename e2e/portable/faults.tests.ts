import { afterEach, expect, it } from '@jest/globals';
import type { Schemas } from '@waybill/client';
import type { Answer, Client, ProblemView } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import { stockOf } from '../system/products.ts';
import { moneyOf, settledSagaOf, undoing } from './promises.ts';
import type { Target } from './target.ts';

type FaultView = Schemas['Fault'];
interface Cleared {
  readonly services: readonly string[];
  readonly missing: readonly string[];
}

const set = (ops: Client, name: string, json: object): Promise<Answer<FaultView & ProblemView>> =>
  ops.send('PUT', `/api/v1/faults/${encodeURIComponent(name)}`, { json });

/** Failures and delays that an operator injects: orders are completed in spite of them. */
export function faultTests(target: () => Target): void {
  /** A test that a system without faults leaves out: there every route of them is refused. */
  const withFaults = (what: string, test: (ops: Client) => Promise<void>): void =>
    it(what, async () => {
      const ops = await target().as('ops');
      const { status, body } = await ops.get<ProblemView>('/api/v1/faults');
      if (status !== 403) return test(ops);
      expect(body.code).toBe('faults_not_allowed');
      expect((await set(ops, 'order', {})).body.code).toBe('faults_not_allowed');
    });

  afterEach(async () => {
    await (await target().as('ops')).send('DELETE', '/api/v1/faults');
  });

  const inForce = async (ops: Client, name: string, fault: object): Promise<void> => {
    const { status, body } = await set(ops, name, fault);
    expect([status, body]).toEqual([200, expect.objectContaining({ name, ...fault })]);
    expect(await ops.read('/api/v1/faults/{name}', { path: { name } })).toEqual(body);
  };

  const buyTen = async (): Promise<readonly Schemas['Order'][]> => {
    const ada = await target().as('ada');
    return Promise.all(Array.from({ length: 10 }, () => ada.buy()));
  };

  withFaults('can be set for consumer groups, the provider, carriers and notes', async (ops) => {
    const { items: faults } = await ops.whole('/api/v1/faults', {});
    const names = faults.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        'order',
        'inventory',
        'payment',
        'notification.email',
        'should_fail',
      ]),
    );
    expect(new Set(names).size).toBe(names.length);
    for (const { share, latencyMs, setBy, setAt } of faults)
      expect({ share, latencyMs, setBy, setAt }).toEqual({
        share: 0,
        latencyMs: 0,
        setBy: null,
        setAt: null,
      });
  });

  withFaults(
    'fail a share of the handlers of a group, and every order is completed',
    async (ops) => {
      await inForce(ops, 'inventory', { share: 0.3, latencyMs: 20 });
      const orders = await buyTen();
      expect(orders.map(({ status }) => status)).toEqual(Array(10).fill('confirmed'));
      const retried = await Promise.all(
        orders.map(async ({ id }) => {
          await settledSagaOf(ops, id);
          const rows = await ops.all('/api/v1/orders/{id}/journey', { path: { id } });
          return rows.filter(({ group, attempt }) => group === 'inventory' && attempt > 0).length;
        }),
      );
      expect(retried.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(0);
    },
  );

  withFaults('hold the messages of a group, each no longer than it takes', async (ops) => {
    await inForce(ops, 'shipping', { share: 0, latencyMs: 300 });
    const ada = await target().as('ada');
    await eventually('every replica knows of it, a second later', async () => {
      const { id, status } = await ada.buy();
      expect(status).toBe('confirmed');
      const rows = await ops.all('/api/v1/orders/{id}/journey', { path: { id } });
      const booked = rows.find(({ name }) => name === 'shipping.book-shipment');
      return (booked?.durationMs ?? 0) >= 290;
    });
  });

  withFaults('fail calls of the provider and of carriers, and charge nobody twice', async (ops) => {
    const faults = await ops.all('/api/v1/faults', {});
    const calls = faults.filter(({ name }) => /^(payment-provider|carrier-)/.test(name));
    for (const { name } of calls) await inForce(ops, name, { share: 0.25, latencyMs: 10 });
    for (const order of await buyTen()) {
      expect(order).toMatchObject({ status: 'confirmed', reason: null });
      const { captured, sum, twice } = await moneyOf(ops, order.id);
      expect({ captured, sum, twice }).toEqual({
        captured: order.total.amount,
        sum: 0,
        twice: [],
      });
    }
  });

  /** Ten orders of one product: each is paid once, and exactly what they hold is sold. */
  const tenAreRight = async (ops: Client): Promise<void> => {
    const ada = await target().as('ada');
    const sku = await target().product(100);
    const lines = [{ sku, quantity: 1 }];
    const orders = await Promise.all(Array.from({ length: 10 }, () => ada.buy({ lines })));
    for (const { id, status, total } of orders) {
      expect(status).toBe('confirmed');
      await settledSagaOf(ops, id);
      const { captured, sum, twice } = await moneyOf(ops, id);
      expect({ captured, sum, twice }).toEqual({ captured: total.amount, sum: 0, twice: [] });
    }
    const { sold, reserved } = await stockOf(ops, sku);
    expect([sold, reserved]).toEqual([10, 0]);
  };

  const withEffect = async (ops: Client, effect: FaultView['effect']) =>
    (await ops.all('/api/v1/faults', {})).filter((fault) => fault.effect === effect);

  withFaults('deliver messages twice, and each has its effect once', async (ops) => {
    for (const { name } of await withEffect(ops, 'duplicate'))
      await inForce(ops, name, { share: 0.5, latencyMs: 20 });
    await tenAreRight(ops);
  });

  withFaults('let messages of other keys overtake, and orders are right', async (ops) => {
    for (const { name } of await withEffect(ops, 'reorder'))
      await inForce(ops, name, { share: 0.5, latencyMs: 200 });
    await tenAreRight(ops);
  });

  withFaults(
    'keep a service from its brokers; its orders wait, and go on after it',
    async (ops) => {
      const ada = await target().as('ada');
      const outages = (await withEffect(ops, 'outage')).filter(
        ({ service }) => service === 'payment',
      );
      expect(outages).not.toEqual([]);
      for (const { name } of outages) await inForce(ops, name, { share: 0, latencyMs: 60_000 });
      // Another replica of the payment service takes it over within a second.
      const waiting = await eventually('an order waits', async () => {
        const { body: placed } = await ada.placeOrder();
        const { body } = await ada.get<Schemas['Order']>(`/api/v1/orders/${placed.id}?wait=1s`);
        return body.status === 'pending' && placed;
      });
      await ops.send('DELETE', '/api/v1/faults');
      expect((await ada.settled(waiting.id)).status).toBe('confirmed');
      const { captured, twice } = await moneyOf(ops, waiting.id);
      expect([captured, twice]).toEqual([waiting.total.amount, []]);
      const [outage] = outages;
      if (!outage) return;
      const { status, body } = await set(ops, outage.name, { share: 0.5, latencyMs: 1_000 });
      expect([status, body.errors?.map(({ path }) => path)]).toEqual([400, ['/share']]);
    },
  );

  withFaults('undo an order with should_fail in its note, and no other', async (ops) => {
    const ada = await target().as('ada');
    const sku = await target().product(100);
    const lines = [{ sku, quantity: 2 }];
    const note = 'this one should_fail, please';
    expect((await ada.buy({ lines, note })).status).toBe('confirmed');
    let expected = 3;
    await inForce(ops, 'should_fail', { share: 1, latencyMs: 0 });
    // Another replica of the order service takes it over within a second.
    const doomed = await eventually('the fault is in force', async () => {
      const bought = await ada.buy({ lines, note });
      if (bought.status === 'confirmed') expected += 2;
      return bought.status === 'rejected' && bought;
    });
    const other = await ada.buy({ lines: [{ sku, quantity: 1 }], note: 'this one should not' });
    expect(doomed.reason).toBe('payment_declined');
    expect(other.status).toBe('confirmed');
    const { due, done } = undoing(await settledSagaOf(ops, doomed.id));
    expect(done).toEqual(due);
    expect(done).toEqual(['book-shipment', 'authorize-payment', 'reserve-stock']);
    await eventually('only the goods of the others are sold', async () => {
      const { sold, reserved } = await stockOf(ops, sku);
      return sold === expected && reserved === 0;
    });
  });

  withFaults('are refused when they make no sense', async (ops) => {
    for (const [wrong, path] of [
      [{ share: 1.01 }, '/share'],
      [{ share: -0.1 }, '/share'],
      [{ share: '0.5' }, '/share'],
      [{ share: null }, '/share'],
      [{ latencyMs: -1 }, '/latencyMs'],
      [{ latencyMs: 1.5 }, '/latencyMs'],
      [{ latencyMs: 60_001 }, '/latencyMs'],
      [{ share: 0.5, group: 'order' }, '/group'],
    ] as const) {
      const { status, body } = await set(ops, 'order', wrong);
      expect([wrong, status, body.code]).toEqual([wrong, 400, 'invalid_request']);
      expect(body.errors?.map((error) => error.path)).toContain(path);
    }
    for (const name of ['nobody', 'Order', 'order ']) {
      const { status, body } = await set(ops, name, { share: 1 });
      expect([name, status, body.code]).toEqual([name, 404, 'unknown_fault']);
      expect(body.detail).toContain('should_fail');
    }
  });

  withFaults('are all off again at once', async (ops) => {
    for (const name of ['order', 'payment'])
      await inForce(ops, name, { share: 1, latencyMs: 60_000 });
    const ada = await target().as('ada');
    const { body: order } = await ada.placeOrder();
    const { services } = await eventually('every service has switched them off', async () => {
      const { body } = await ops.send<Cleared>('DELETE', '/api/v1/faults');
      return body.missing.length === 0 && body;
    });
    expect(services).toEqual(expect.arrayContaining(['order', 'inventory', 'payment', 'shipping']));
    expect((await ada.settled(order.id)).status).toBe('confirmed');
    const faults = await ops.all('/api/v1/faults', {});
    expect(faults.filter(({ share, latencyMs }) => share > 0 || latencyMs > 0)).toEqual([]);
  });
}
