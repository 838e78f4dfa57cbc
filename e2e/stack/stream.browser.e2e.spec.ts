import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { freePort } from '@waybill/embedded-postgres';
import { OwnRedis } from '@waybill/redis/testing';
import { TestBrowser, useBrowser } from '../pages/browser.ts';
import { connected, join, say, signedIn } from '../pages/live-visitor.ts';
import { act, atConsole, notice } from '../pages/operator.ts';
import { BrokenLines } from '../system/broken-lines.ts';
import { EventReader } from '../system/event-reader.ts';
import { eventually } from '../system/eventually.ts';
import { openStreams, upTo } from '../system/open-streams.ts';
import { ProcessSystem } from '../system/process-system.ts';
import { Replica } from '../system/replica.ts';

jest.setTimeout(600_000);

describe('the stream of an order and a room, over processes and a Redis that stops', () => {
  let redis: OwnRedis;
  let lines: BrokenLines;
  let processes: ProcessSystem;
  const system = () => processes;
  const open = openStreams();

  beforeAll(async () => {
    redis = await OwnRedis.start();
    lines = await BrokenLines.open();
    processes = await ProcessSystem.start({
      replicas: { order: 2 },
      env: { ...lines.env, REDIS_URL: redis.url },
    });
  });
  afterAll(async () => {
    await processes?.dispose();
    await lines?.dispose();
    await redis?.kill();
  });

  /** Another gateway of the same system, which nothing starts again. */
  async function secondGateway(): Promise<Replica> {
    const port = await freePort(0);
    const urlsOf = (service: string) =>
      system()
        .processes()
        .filter(({ name }) => name === service)
        .map(({ url }) => url)
        .join(',');
    const env = {
      BROKERS: 'mixed',
      BROKER_NAMESPACE: system().namespace,
      REDIS_URL: redis.url,
      ORDER_URL: urlsOf('order'),
      CUSTOMER_URL: urlsOf('customer'),
      INVENTORY_URL: urlsOf('inventory'),
      PORT: String(port),
    };
    const gateway = new Replica('gateway', env, `http://127.0.0.1:${port}`);
    gateway.start();
    await gateway.answers('/api/v1/products');
    return gateway;
  }

  it('two browsers meet through two gateways; one is killed, and its browser has missed nothing when it is back', async () => {
    const second = await secondGateway();
    const browser = await TestBrowser.open();
    try {
      const ada = await signedIn(browser, second.url, 'ada@example.com');
      const grace = await signedIn(browser, system().url, 'grace@example.com');
      await join(ada, 'harbour');
      await join(grace, 'harbour');
      await ada.page.getByText('grace joined.').waitFor();
      await say(ada, 'from the second');
      await grace.page.getByText('from the second').waitFor();
      await ada.page.getByRole('button', { name: 'Place a sample order' }).click();
      const order = ada.page.getByRole('row').nth(1);
      await order.filter({ hasText: 'confirmed' }).waitFor();

      await second.end('SIGKILL');
      await ada.page.getByRole('status').filter({ hasText: 'connection lost' }).waitFor();
      await grace.page.getByText('ada left.').waitFor();
      const customer = await system().as('ada');
      const { items } = await customer.read('/api/v1/orders', { query: { limit: 1 } });
      const id = items[0]?.id ?? '';
      await customer.cancel(id);
      await system().reaches(customer, id, 'cancelled');

      second.start();
      await connected(ada.page);
      await order.filter({ hasText: 'cancelled' }).waitFor();
      await grace.page.getByText('ada joined.').waitFor();
      await say(grace, 'welcome back');
      await ada.page.getByText('welcome back').waitFor();
      await say(ada, 'here again');
      await grace.page.getByText('here again').waitFor();
      expect([...ada.errors, ...grace.errors]).toEqual([]);
    } finally {
      await browser.close();
      await second.end('SIGKILL');
    }
  });

  it.each(['stop', 'kill'] as const)(
    'orders go on while Redis is down after a %s, and streams are complete within 5 s of its return',
    async (how) => {
      const ada = await system().as('ada');
      const first = await ada.placeOrder();
      // One per replica, because the gateway selects them in turn.
      const readers = [await open(ada, first.body.id), await open(ada, first.body.id)];
      await redis[how]();
      const orders = await Promise.all(upTo(10).map(() => ada.buy()));
      expect(orders.map(({ status }) => status)).toEqual(orders.map(() => 'confirmed'));
      expect((await ada.get('/api/v1/products/LAPTOP-13')).status).toBe(200);
      const { version } = await ada.settled(first.body.id);
      await redis.start();
      for (const reader of readers) {
        const { order } = await reader.reaches(version, 5_000);
        expect(order).toEqual(await ada.order(first.body.id));
        expect(reader.ids).toEqual(upTo(version, reader.ids[0]));
      }
      const next = await ada.placeOrder({ payment: { method: 'card', token: 'tok_slow' } });
      const after = [await open(ada, next.body.id), await open(ada, next.body.id)];
      const settled = await ada.settled(next.body.id);
      for (const reader of after) await reader.reaches(settled.version);
    },
  );

  it('goes on at another process when the one that streams is killed', async () => {
    const ada = await system().as('ada');
    const { body } = await ada.placeOrder({ payment: { method: 'card', token: 'tok_slow' } });
    const reader = await open(ada, body.id, { lastEventId: '0' });
    await reader.reaches(1);
    const before = system().pid('order', 1);
    await system().kill('order', 1);
    await system().kill('order', 2);
    await system().restarted('order', 1, before);
    const seen = reader.ids;
    const lastEventId = String(seen.at(-1));
    const again = await eventually('a stream opens', async () => {
      const opened = await open(ada, body.id, { lastEventId });
      return opened.answer.statusCode === 200 && opened;
    });
    const { id } = await again.reachesStatus('confirmed');
    expect([...seen, ...again.ids]).toEqual(upTo(id));
  });

  it('of what can be bought ends when inventory is killed, and begins again when it is back', async () => {
    const nobody = system().anonymous();
    const path = '/api/v1/availability/stream?sku=LAPTOP-13';
    const watch = () => EventReader.open(nobody, path);
    const cut = await watch();
    expect(cut.answer.statusCode).toBe(200);
    const before = system().pid('inventory', 1);
    await system().kill('inventory', 1);
    await eventually('the stream has ended', async () => cut.ended);
    await system().restarted('inventory', 1, before);
    const again = await eventually('a stream opens', async () => {
      const opened = await watch();
      expect([200, 503]).toContain(opened.answer.statusCode);
      return opened.answer.statusCode === 200 && opened;
    });
    await eventually('it shows what can be bought', async () => again.events.length > 0);
    again.close();
  });

  describe('on the console', () => {
    const browser = useBrowser();
    const at = (path: string) => atConsole(browser(), system().url, `/console/${path}`);

    it('shows what it waits for while RabbitMQ is away, and goes on when it is back', async () => {
      const rabbitmq = lines.of('rabbitmq');
      try {
        rabbitmq.set({ refuse: true });
        rabbitmq.cut();
        const { body } = await (await system().as('ada')).placeOrder();
        const { page, errors } = await at(`orders/${body.id}`);
        const waits = page.getByRole('region', { name: 'It waits for' });
        await waits.getByText(/^rabbitmq cannot be reached by .*: messages/).waitFor();
        await waits.getByRole('link', { name: 'place-order' }).waitFor();
        rabbitmq.set({});
        await page.getByRole('heading', { name: 'It waits for nothing' }).waitFor();
        await page
          .getByRole('row')
          .filter({ hasText: 'inventory.reserve-stock command' })
          .waitFor();
        expect(errors).toEqual([]);
      } finally {
        rabbitmq.set({});
      }
    });

    it('goes back in a channel that is paused and retained, and is audited', async () => {
      const ops = await at('channels/order.events');
      const { page } = ops;
      const dialog = page.getByRole('dialog');
      const row = page
        .getByRole('row')
        .filter({ has: page.getByText('analytics', { exact: true }) });
      await act(ops, 'Pause');
      await notice(ops, 'order.events is paused.');
      await page.getByRole('button', { name: 'Seek' }).click();
      await dialog.getByLabel('Group').selectOption('analytics');
      await dialog.getByLabel('To').selectOption('the earliest message');
      await eventually('every consumer has left, and the group is moved', async () => {
        const answered = page.waitForResponse(/\/seek$/);
        await dialog.getByRole('button', { name: 'Seek' }).click();
        return (await answered).status() === 202;
      });
      await notice(ops, 'The group continues there.');
      await page.getByRole('button', { name: 'Look at them' }).click();
      await page.getByText('for analytics', { exact: true }).first().waitFor();
      await act(ops, 'Resume');
      await row.locator('[data-title=Depth]').filter({ hasText: /^0$/ }).waitFor();
      await page.goto('/console/audit');
      await page
        .getByRole('row')
        .filter({ hasText: 'POST /api/v1/channels/{name}/seek' })
        .filter({ hasText: 'order.events' })
        .filter({ hasText: '202' })
        .waitFor();
      expect(ops.errors).toEqual([]);
    });
  });

  it('leaves every invariant intact', async () => {
    expect(await system().verify()).toEqual([]);
  });
});
