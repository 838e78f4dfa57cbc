import { randomBytes, randomUUID } from 'node:crypto';
import process from 'node:process';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import {
  AuthorizePayment,
  BookShipment,
  CapturePayment,
  type Contract,
  channelOf,
  decode,
  encode,
  FindDataKeys,
  FindProducts,
  type Message,
  newId,
  ReserveStock,
  ShipmentBooked,
  StockReserved,
  wrap,
} from '@waybill/contracts';
import { embeddedBroker } from '@waybill/embedded-broker';
import { ServiceAdapter } from '@waybill/http';
import {
  Brokers,
  type CarriedKind,
  MessagingStrategy,
  neededGuarantees,
  type Outgoing,
} from '@waybill/messaging';
import { OrderModule, orderStorage } from '@waybill/order';
import { PAYMENT_PROVIDER, PaymentModule, paymentStorage } from '@waybill/payment';
import { type RabbitMqBroker, rabbitmqBroker } from '@waybill/rabbitmq';
import { HOST } from '@waybill/service';
import { anOrderRequest, type TestDatabase, testDatabase } from '@waybill/testing';
import { filesOnThePath } from './one-message.ts';

jest.setTimeout(60_000);

/** The goal is 35, see docs/decisions/0023-size.md. Lower it when a file leaves the path. A slow machine adds a file or two that run on timers. */
const mostFiles = 100;

const namespace = `test-${randomUUID().slice(0, 8)}`;
const everythingElse = embeddedBroker();
const databases: TestDatabase[] = [];
const apps: NestFastifyApplication[] = [];
const rabbits: RabbitMqBroker[] = [];
let neighbours: RabbitMqBroker;

function rabbit(service: string): RabbitMqBroker {
  const broker = rabbitmqBroker({ url: process.env['RABBITMQ_URL'] ?? '', service, namespace });
  rabbits.push(broker);
  return broker;
}

/** A service whose commands and replies use their own RabbitMQ connection. */
async function start(
  service: typeof OrderModule | typeof PaymentModule,
  storage: typeof orderStorage,
): Promise<NestFastifyApplication> {
  const database = await testDatabase(storage);
  databases.push(database);
  const own = rabbit(service.name);
  const kinds = Object.keys(neededGuarantees) as CarriedKind[];
  const overRabbit: readonly CarriedKind[] = ['command', 'reply'];
  const brokers = new Brokers(
    new Map(kinds.map((kind) => [kind, overRabbit.includes(kind) ? own : everythingElse])),
    everythingElse,
  );
  const env = {
    DATABASE_URL: database.url,
    LOG_LEVEL: 'silent',
    SERVICE_SECRET: 'a-secret-for-tests-of-32-characters-or-more',
    // As in a deployed system, where nothing that operators can let fail is on the path.
    FAULTS_ALLOWED: 'false',
  };
  const tokenVerifier = {
    verify: (token: string) => ({
      id: token,
      name: token,
      email: `${token}@example.com`,
      roles: [],
    }),
  };
  const module = await Test.createTestingModule({ imports: [service] })
    .overrideProvider(HOST)
    .useValue({ env, brokers, listen: null, migrate: true, seed: false, tokenVerifier })
    .overrideProvider(PAYMENT_PROVIDER)
    .useValue(provider)
    .compile();
  const app = module.createNestApplication<NestFastifyApplication>(new ServiceAdapter());
  apps.push(app);
  app.connectMicroservice({ strategy: app.get(MessagingStrategy) });
  await app.init();
  await app.startAllMicroservices();
  return app;
}

const provider = {
  name: 'test',
  authorize: async ({ amount }: { amount: { amount: number; currency: string } }) => ({
    status: 'authorized',
    ...amount,
    chargeId: 'ch_1',
    reason: null,
  }),
  capture: () => Promise.reject(new Error('not now')),
};

/** The commands that inventory, shipping and payment receive, by type and order. */
class Commands {
  private readonly waiting = new Map<string, () => void>();
  private readonly here = new Map<string, Set<string>>();

  take(body: string): void {
    const { id, type, key } = decode(body);
    const name = `${type}/${key}`;
    this.here.set(name, (this.here.get(name) ?? new Set()).add(id));
    this.waiting.get(name)?.();
  }

  /** How many there were, each counted once however often it came. */
  count(type: string, orderId: string): number {
    return this.here.get(`${type}/${orderId}`)?.size ?? 0;
  }

  async come(type: string, orderId: string): Promise<void> {
    const name = `${type}/${orderId}`;
    if (!this.here.has(name)) await new Promise<void>((resolve) => this.waiting.set(name, resolve));
  }
}
const commands = new Commands();

async function startNeighbours(): Promise<void> {
  neighbours = rabbit('neighbours');
  const bindings = ['inventory', 'shipping', 'payment'].map((each) => ({
    channel: `${each}.commands`,
    pattern: '#',
  }));
  await neighbours.declare([{ name: 'neighbours', kind: 'command', partitions: 4, bindings }]);
  await neighbours.subscribe('neighbours', {
    assigned: async () => undefined,
    revoked: () => undefined,
    deliver: (delivery) => {
      commands.take(delivery.body);
      delivery.ack();
    },
  });
  const price = { amount: 99_900, currency: 'EUR' };
  const product = {
    sku: 'LAPTOP-13',
    name: 'Laptop',
    category: 'Computers',
    price,
    weightGrams: 1_300,
  };
  await neighbours.respond(FindProducts as never, async () => ({
    products: [{ ...product, version: 1, available: 9 }],
  }));
}

/** The key of every customer. */
const answerKeys = (): Promise<unknown> => {
  const keys = [{ version: 1, key: randomBytes(32).toString('base64url') }];
  return everythingElse.respond(FindDataKeys as never, async () => ({ keys }));
};

function replyOf(message: { contract: Contract; data: { orderId: string } }): Outgoing {
  const { orderId } = message.data;
  const cause = { id: newId(), correlationId: orderId, traceparent: null };
  const envelope = wrap(message as Message, {
    cause,
    source: 'test',
    now: new Date(),
    name: 'reply',
  });
  return { channel: channelOf(message.contract), envelope, body: encode(envelope) };
}

const publish = (...messages: readonly Outgoing[]): void =>
  neighbours.publish(messages, () => undefined);

let order: NestFastifyApplication;
beforeAll(async () => {
  await startNeighbours();
  await answerKeys();
  await start(PaymentModule, paymentStorage);
  order = await start(OrderModule, orderStorage);
}, 60_000);
afterAll(async () => {
  for (const app of apps) await app.close();
  for (const broker of rabbits) await broker.close();
  await rabbits[0]?.remove();
  await everythingElse.close();
  for (const database of databases) await database.close();
});

/** The id of an order; 503 is the answer while the machine is too busy to look up a product in time. */
async function placeOrder(): Promise<string> {
  for (;;) {
    const answer = await order.inject({
      method: 'POST',
      url: '/api/v1/orders',
      payload: anOrderRequest(),
      headers: { authorization: 'Bearer ada' },
    });
    if (answer.statusCode === 202) return answer.json().id;
    expect(answer.statusCode).toBe(503);
  }
}

it('goes through few files from the decision of the saga to the ack of the participant', async () => {
  const files = await filesOnThePath(async () => {
    const id = await placeOrder();
    await commands.come(ReserveStock.type, id);
    return async () => {
      publish(replyOf(StockReserved({ orderId: id })));
      await commands.come(BookShipment.type, id);
    };
  });
  process.stdout.write(`${files.length} files\n${files.join('\n')}\n`);
  expect(files.length).toBeLessThanOrEqual(mostFiles);
});

it('takes effect once, although it comes twice at once and once more later', async () => {
  const id = await placeOrder();
  await commands.come(ReserveStock.type, id);
  const reserved = replyOf(StockReserved({ orderId: id }));
  publish(reserved, reserved);
  await commands.come(BookShipment.type, id);
  const cost = { amount: 500, currency: 'EUR' };
  const booking = { shipmentId: newId(), carrier: 'heron', trackingNumber: 'H1', cost } as const;
  // Of the same key: it is handled after what came before it.
  publish(reserved, replyOf(ShipmentBooked({ orderId: id, ...booking })));
  await commands.come(CapturePayment.type, id);
  const types = [ReserveStock, AuthorizePayment, BookShipment, CapturePayment];
  expect(types.map(({ type }) => commands.count(type, id))).toEqual([1, 1, 1, 1]);
});
