import { randomBytes } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type DataOf, FindDataKeys, newId, type OrderAnnounced } from '@waybill/contracts';
import { embeddedBroker } from '@waybill/embedded-broker';
import { type Envelope, oneBroker } from '@waybill/messaging';
import { type RunningService, startService } from '@waybill/service';
import { type TestDatabase, testDatabase } from '@waybill/testing';
import { Work } from '@waybill/work-queue';
import { DataSource } from 'typeorm';
import { WebhookConsumer } from '../messages/webhook.consumer.ts';
import { NotificationModule } from '../notification.module.ts';
import { notificationStorage } from '../storage/notification.storage.ts';
import { webhookQueue } from '../storage/webhook-delivery.repository.ts';

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';
type Announced = DataOf<typeof OrderAnnounced>;

/** A request that an endpoint has received. */
export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** How an endpoint answers its `count`th request. */
export type Answer = (response: ServerResponse, count: number) => unknown;

const fine: Answer = (response) => response.writeHead(204).end();

/** Answers with one status after the other, and then with the last one. */
export const status =
  (...codes: number[]): Answer =>
  (response, count) =>
    response.writeHead(codes[Math.min(count, codes.length) - 1] ?? 200).end('not to be kept');

/** Waits for a fact; the time-out of the test ends it. */
export async function eventually(fact: () => Promise<boolean>): Promise<void> {
  while (!(await fact())) await pause(10);
}

/** An announcement of an order of ada. */
export const announced = (change: Partial<Announced> = {}) => ({
  id: newId(),
  data: {
    orderId: newId(),
    number: 'W-1001',
    status: 'confirmed',
    reason: null,
    customer: { id: 'ada', name: 'Ada Lovelace', email: 'ada@example.com' },
    lines: [{ sku: 'MUG', quantity: 2 }],
    total: { amount: 2_580, currency: 'EUR' },
    shippingMethod: 'standard',
    country: 'DE',
    at: '2026-01-01T00:00:00.000Z',
    ...change,
  } as Announced,
});

/** An endpoint on this machine, and what it has received. */
export async function openEndpoint(answer: Answer = fine) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    answer(response, received.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  const has = (count: number) => eventually(async () => received.length >= count);
  return { url, received, has, close };
}

const events = ['order.confirmed', 'order.shipped'];

/** The service on a database, and endpoints on this machine. */
export class WebhookBench {
  private readonly endpoints: (() => void)[] = [];

  private constructor(
    readonly database: TestDatabase,
    readonly service: RunningService,
    private readonly closeBroker: () => Promise<void>,
  ) {}

  static async start(env: Readonly<Record<string, string>>): Promise<WebhookBench> {
    const broker = embeddedBroker();
    const database = await testDatabase(notificationStorage);
    const key = randomBytes(32).toString('base64url');
    await broker.respond(FindDataKeys as never, async () => ({ keys: [{ version: 1, key }] }));
    const service = await startService(NotificationModule, {
      brokers: oneBroker(broker),
      migrate: true,
      listen: null,
      tokenVerifier: {
        verify: (token) => ({
          id: token,
          name: token,
          email: `${token}@example.com`,
          roles: [token === 'ops' ? 'operator' : 'customer'],
        }),
      },
      env: { DATABASE_URL: database.url, LOG_LEVEL: 'silent', ...env },
    });
    return new WebhookBench(database, service, () => broker.close());
  }

  async close(): Promise<void> {
    await this.service.close();
    await this.closeBroker();
    await this.database.close();
  }

  /** Removes all webhooks. */
  async clear(): Promise<void> {
    await this.database.pool.query('truncate webhooks, webhook_deliveries, work_job');
  }

  closeEndpoints(): void {
    for (const close of this.endpoints.splice(0)) close();
  }

  call(method: Method, path: string, as: string, payload?: object) {
    return this.request(method, `/webhooks${path}`, as, payload);
  }

  /** Calls any route of the service. */
  async request(method: Method, path: string, as: string, payload?: object) {
    const response = await this.service.app.inject({
      method,
      url: `/api/v1${path}`,
      headers: { authorization: `Bearer ${as}` },
      ...(payload ? { payload } : {}),
    });
    return {
      status: response.statusCode,
      body: response.body === '' ? undefined : response.json(),
    };
  }

  /** An endpoint, and what it has received. */
  async endpoint(answer: Answer = fine) {
    const { close, ...endpoint } = await openEndpoint(answer);
    this.endpoints.push(close);
    return endpoint;
  }

  async subscribe(url: string, as = 'ada', more: object = {}) {
    const { body } = await this.call('POST', '', as, { url, events, ...more });
    return body as { readonly id: string; readonly secret: string };
  }

  announce(...all: ReturnType<typeof announced>[]) {
    const consumer = this.service.app.get(WebhookConsumer);
    return consumer.announced().write(all as unknown as Envelope[]);
  }

  async webhook(id: string) {
    return (await this.call('GET', `/${id}`, 'ada')).body;
  }

  async deliveries(id: string) {
    const { body } = await this.call('GET', `/${id}/deliveries`, 'ada');
    return body.items as { id: string; status: string; nextAttemptAt: string | null }[];
  }

  async detail(id: string, deliveryId: string) {
    return (await this.call('GET', `/${id}/deliveries/${deliveryId}`, 'ada')).body;
  }

  /** Waits until the deliveries have these statuses, the latest first. */
  becomes(id: string, ...expected: string[]) {
    return eventually(async () => {
      const found = await this.deliveries(id);
      return String(found.map((each) => each.status)) === String(expected);
    });
  }

  /** Waits until a failure of the endpoint is recorded. */
  fails(id: string) {
    return eventually(async () => (await this.webhook(id)).failingSince !== null);
  }

  /** What waits for a webhook is due now. */
  async hurry(id: string): Promise<void> {
    const { pool } = this.database;
    await pool.query(
      `update webhook_deliveries set due_at = now() - interval '1s' where webhook_id = $1`,
      [id],
    );
    await pool.query('update webhooks set paused_until = null where id = $1', [id]);
    const { app } = this.service;
    await app
      .get(DataSource)
      .transaction((manager) => app.get(Work).add(manager, { queue: webhookQueue, key: id }));
  }
}
