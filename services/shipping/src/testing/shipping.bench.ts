import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Carriers, startCarriers } from '@waybill/carriers';
import {
  BookShipment,
  channelOf,
  decode,
  type Envelope,
  encode,
  type Message,
  newId,
  ShipmentBooked,
  ShipmentMoved,
  wrap,
} from '@waybill/contracts';
import { embeddedBroker } from '@waybill/embedded-broker';
import { type Listener, oneBroker, type RequestBroker } from '@waybill/messaging';
import { type RunningService, startService } from '@waybill/service';
import { type TestDatabase, testDatabase } from '@waybill/testing';
import { signedHeaders } from '@waybill/webhooks';
import type { CarrierFact } from '../domain/carrier-facts.ts';
import { ShippingModule } from '../shipping.module.ts';
import { shippingStorage } from '../storage/shipping.storage.ts';

const apiKey = 'a-key-for-the-carriers';
export const webhookSecret = 'whsec_Y2FycmllcnMtZGV2ZWxvcG1lbnQtc2VjcmV0';

const people = {
  ada: { id: 'ada', roles: ['customer'], name: 'Ada', email: 'ada@example.com' },
  grace: { id: 'grace', roles: ['customer'], name: 'Grace', email: 'grace@example.com' },
  ops: { id: 'ops', roles: ['operator'], name: 'Ops', email: 'ops@example.com' },
} as const;

/** The content of a booking: 1.2 kg within Germany by standard, for which heron is cheapest. */
export const parcelOf = (orderId: string) => ({
  orderId,
  customerId: 'ada',
  address: { name: 'Ada', line1: '1 Main St', city: 'Berlin', postalCode: '10115', country: 'DE' },
  country: 'DE',
  method: 'standard' as const,
  weightGrams: 1_200,
});

/** The content of a booking of two parcels, of which heron takes only the first, and oxcart both. */
export const twoParcelsOf = (orderId: string) => ({
  ...parcelOf(orderId),
  parcels: [
    { warehouse: 'MAIN', weightGrams: 1_200 },
    { warehouse: 'NORTH', weightGrams: 40_000 },
  ],
});

/** Shipping on its own database, with the carriers of the sandbox and a subscriber to all its messages. */
export class ShippingBench {
  readonly received: Envelope[] = [];
  private waiting: (() => void)[] = [];

  private constructor(
    readonly database: TestDatabase,
    readonly broker: RequestBroker,
    readonly carriers: Carriers,
    readonly service: RunningService,
    private readonly folder: string,
  ) {}

  static async start(env: Readonly<Record<string, string>> = {}): Promise<ShippingBench> {
    const database = await testDatabase({
      tables: shippingStorage.tables,
      migrations: shippingStorage.migrations,
    });
    const folder = await mkdtemp(join(tmpdir(), 'shipping-'));
    const dataFile = join(folder, 'ledger');
    const carriers = await startCarriers({ dataFile, port: 0, apiKey, firstWebhookRetry: 10 });
    const broker = embeddedBroker();
    const ear = ['reply', 'event'].map((kind) => ({
      name: `ear.${kind}`,
      kind: kind as 'reply' | 'event',
      partitions: 1,
      bindings: [
        { channel: kind === 'reply' ? 'shipping.replies' : 'shipping.events', pattern: '#' },
      ],
    }));
    await broker.declare(ear);
    const service = await startService(ShippingModule, {
      env: {
        DATABASE_URL: database.url,
        LOG_LEVEL: 'silent',
        SERVICE_SECRET: 'a-secret-of-more-than-32-characters',
        CARRIERS_URL: carriers.url,
        CARRIERS_API_KEY: apiKey,
        CARRIERS_WEBHOOK_SECRET: webhookSecret,
        ...env,
      },
      brokers: oneBroker(broker),
      exclusive: true,
      listen: { host: '127.0.0.1', port: 0 },
      tokenVerifier: { verify: (token) => people[token as keyof typeof people] },
    });
    const bench = new ShippingBench(database, broker, carriers, service, folder);
    for (const { name } of ear) await broker.subscribe(name, bench.ear());
    bench.listenToCarriers();
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

  /** The messages of shipping about an order so far. */
  publishedOf(orderId: string): readonly Envelope[] {
    return this.received.filter(({ key }) => key === orderId);
  }

  /** Resolves when shipping has published `count` messages about the order. */
  async until(orderId: string, count: number): Promise<readonly Envelope[]> {
    return this.when(() => {
      const published = this.publishedOf(orderId);
      return published.length >= count ? published : undefined;
    });
  }

  /** A booked parcel: its order and its shipment. */
  async booked(): Promise<{ orderId: string; shipmentId: string; carrier: string }> {
    const orderId = newId();
    this.send(BookShipment(parcelOf(orderId)));
    const [answer] = await this.until(orderId, 1);
    if (answer?.type !== ShipmentBooked.type) throw new Error(`answered ${answer?.type}`);
    return answer.data as never;
  }

  /** The moves of an order that shipping published, in the order of publishing. */
  movesOf(orderId: string): readonly string[] {
    return this.publishedOf(orderId)
      .filter(({ type }) => type === ShipmentMoved.type)
      .map(({ data }) => (data as { status: string }).status);
  }

  /** Polls until `find` returns a value. */
  async when<T>(find: () => T | undefined | Promise<T | undefined>): Promise<T> {
    for (;;) {
      const found = await find();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.waiting.push(resolve);
        setTimeout(resolve, 20);
      });
    }
  }

  /** Sends a signed fact like its carrier; resolves with status and body of the response. */
  async webhook(
    id: string,
    fact: CarrierFact & { readonly orderId: string },
    headers: Record<string, string> = {},
  ): Promise<[number, unknown]> {
    const { orderId, ...told } = fact;
    const data = { ...told, operationId: `${orderId}/book-shipment` };
    const body = JSON.stringify({ type: 'shipment.moved', data });
    const signed = signedHeaders(webhookSecret, { id, body }, new Date());
    const answer = await fetch(`${this.service.url}/api/v1/carriers/${fact.carrier}/webhooks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...signed, ...headers },
      body,
    });
    return [answer.status, await answer.json()];
  }

  /** Runs it while webhooks of carriers reach nobody; those are never sent again. */
  async withoutWebhooks(run: () => Promise<unknown>): Promise<void> {
    this.listenToCarriers('http://127.0.0.1:9');
    await run();
    this.listenToCarriers();
  }

  private listenToCarriers(origin = this.service.url ?? ''): void {
    const url = `${origin}/api/v1/carriers/{carrier}/webhooks`;
    this.carriers.sendWebhooksTo({ url, secret: webhookSecret });
  }

  faults(carrier: string, body: object): Promise<Response> {
    return this.play('PUT', `/faults/${carrier}`, body);
  }

  move(carrier: string, orderId: string, status: string, parcel = ''): Promise<Response> {
    const operationId = `${orderId}/book-shipment${parcel}`;
    return this.play('POST', '/moves', { carrier, operationId, status });
  }

  async close(): Promise<void> {
    await this.service.close();
    await this.carriers.close();
    await this.broker.close();
    await this.database.close();
    await rm(this.folder, { recursive: true });
  }

  private play(method: string, path: string, body: object): Promise<Response> {
    const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' };
    return fetch(this.carriers.url + path, { method, headers, body: JSON.stringify(body) });
  }

  private ear(): Listener {
    return {
      assigned: async () => {},
      revoked: () => {},
      deliver: (delivery) => {
        this.received.push(decode(delivery.body));
        delivery.ack();
        for (const wake of this.waiting.splice(0)) wake();
      },
    };
  }
}
