import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  channelOf,
  decode,
  type Envelope,
  encode,
  type Message,
  newId,
  wrap,
} from '@waybill/contracts';
import { embeddedBroker } from '@waybill/embedded-broker';
import { type Broker, type Listener, oneBroker } from '@waybill/messaging';
import { type RunningPaymentProvider, startPaymentProvider } from '@waybill/payment-provider';
import { type RunningService, startService } from '@waybill/service';
import { type TestDatabase, testDatabase } from '@waybill/testing';
import { signedHeaders } from '@waybill/webhooks';
import { PaymentModule } from '../payment.module.ts';
import { paymentStorage } from '../storage/payment.storage.ts';

const apiKey = 'a-key-for-the-provider';
const secret = 'whsec_cGF5bWVudC1kZXZlbG9wbWVudC1zZWNyZXQh';

const people = {
  ada: { id: 'ada', roles: ['customer'], name: 'Ada', email: 'ada@example.com' },
  ops: { id: 'ops', roles: ['operator'], name: 'Ops', email: 'ops@example.com' },
} as const;

/** Payment on its own database, with the sandbox provider and a subscriber to all its messages. */
export class PaymentServiceBench {
  readonly received: Envelope[] = [];
  private waiting: (() => void)[] = [];

  private constructor(
    readonly database: TestDatabase,
    readonly broker: Broker,
    readonly service: RunningService,
    private readonly folder: string,
    private provider: RunningPaymentProvider,
  ) {}

  static async start(): Promise<PaymentServiceBench> {
    const database = await testDatabase({
      ...paymentStorage,
    });
    const folder = await mkdtemp(join(tmpdir(), 'payment-'));
    const provider = await startProvider(folder, 0);
    const broker = embeddedBroker();
    const ear = (['reply', 'event'] as const).map((kind) => ({
      name: `ear.${kind}`,
      kind,
      partitions: 1,
      bindings: [
        { channel: kind === 'reply' ? 'payment.replies' : 'payment.events', pattern: '#' },
      ],
    }));
    await broker.declare(ear);
    const service = await startService(PaymentModule, {
      env: {
        DATABASE_URL: database.url,
        LOG_LEVEL: 'silent',
        SERVICE_SECRET: 'a-secret-of-more-than-32-characters',
        PAYMENT_PROVIDER_URL: provider.url,
        // Consecutive faults must end in a reply, not in the business timeout.
        PAYMENT_GIVE_UP_AFTER: '600s',
        PAYMENT_ACTION_QUERY_EVERY: '200ms',
        PAYMENT_PROVIDER_API_KEY: apiKey,
        PAYMENT_WEBHOOK_SECRET: secret,
      },
      brokers: oneBroker(broker),
      exclusive: true,
      listen: { host: '127.0.0.1', port: 0 },
      tokenVerifier: { verify: (token) => people[token as keyof typeof people] },
    });
    const bench = new PaymentServiceBench(database, broker, service, folder, provider);
    for (const { name } of ear) await broker.subscribe(name, bench.ear());
    return bench;
  }

  /** Sends a command as the order service does. With another id it is another command. */
  send(message: Message, id = newId()): void {
    const cause = { id, correlationId: id, traceparent: null };
    const wrapped = wrap(message, { cause, source: 'order', now: new Date(), name: 'bench' });
    const envelope = { ...wrapped, id };
    const channel = channelOf(message.contract);
    this.broker.publish([{ channel, envelope, body: encode(envelope) }], () => {});
  }

  /** Resolves with all messages of payment about an order, once there are `count`. */
  until(orderId: string, count: number): Promise<{ type: string; data: unknown }[]> {
    return this.when(() => {
      const published = this.received.filter(({ key }) => key === orderId);
      return published.length < count
        ? undefined
        : published.map(({ type, data }) => ({ type, data }));
    });
  }

  /** Sends a command and resolves with the next message about its order. */
  async call(
    message: Message & { data: { orderId: string } },
  ): Promise<{ type: string; data: unknown }> {
    const { orderId } = message.data;
    const before = this.received.filter(({ key }) => key === orderId).length;
    this.send(message);
    const published = await this.until(orderId, before + 1);
    return published[before] as { type: string; data: unknown };
  }

  /** A payment as shown to operators, once `fits` returns true. */
  async read<T>(
    orderId: string,
    fits: (payment: Record<string, unknown>) => T | undefined,
  ): Promise<T> {
    for (;;) {
      const { statusCode, body } = await this.get(`/api/v1/payments/${orderId}`);
      const found = statusCode === 200 ? fits(body as Record<string, unknown>) : undefined;
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async get(
    url: string,
    token: string | null = 'ops',
  ): Promise<{ statusCode: number; body: unknown }> {
    const answer = await this.service.app.inject({
      method: 'GET',
      url,
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
    });
    return { statusCode: answer.statusCode, body: answer.json() };
  }

  /** The provider's own books of an order. */
  books(orderId: string) {
    return this.provider.ledger().find((order) => order.orderId === orderId);
  }

  /** Sends a signed event like the provider; resolves with the status of the response. */
  async webhook(
    event: { readonly id: string } & object,
    headers: Record<string, string> = {},
  ): Promise<number> {
    const body = JSON.stringify({ createdAt: new Date().toISOString(), ...event });
    const signed = signedHeaders(secret, { id: event.id, body }, new Date());
    const { statusCode } = await this.service.app.inject({
      method: 'POST',
      url: '/api/v1/payments/sandbox/webhooks',
      headers: { 'content-type': 'application/json', ...signed, ...headers },
      payload: body,
    });
    return statusCode;
  }

  faults(faults: object): Promise<Response> {
    return this.administer('PUT', '/faults', faults);
  }

  administer(method: string, path: string, body: object): Promise<Response> {
    return fetch(`${this.provider.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  stopProvider(): Promise<void> {
    return this.provider.close();
  }

  /** Starts the provider on the same port with the same books. */
  async startProvider(): Promise<void> {
    const port = Number(new URL(this.provider.url).port);
    this.provider = await startProvider(
      this.folder,
      port,
      `${this.service.url}/api/v1/payments/sandbox/webhooks`,
    );
  }

  async close(): Promise<void> {
    await this.service.close();
    await this.broker.close();
    await this.provider.close();
    await this.database.close();
    await rm(this.folder, { recursive: true });
  }

  private ear(): Listener {
    return {
      assigned: async () => undefined,
      revoked: () => undefined,
      deliver: (delivery) => {
        this.received.push(decode(delivery.body));
        delivery.ack();
        for (const wake of this.waiting.splice(0)) wake();
      },
    };
  }

  private async when<T>(found: () => T | undefined): Promise<T> {
    for (;;) {
      const value = found();
      if (value !== undefined) return value;
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }
}

const startProvider = (folder: string, port: number, url?: string) =>
  startPaymentProvider({
    dataFile: join(folder, 'ledger'),
    apiKey,
    port,
    ...(url && { webhooks: { url, secret } }),
  });
