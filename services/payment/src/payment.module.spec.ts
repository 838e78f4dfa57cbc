import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { AuthorizePayment, channelOf, encode, newId, wrap } from '@waybill/contracts';
import { embeddedBroker } from '@waybill/embedded-broker';
import { ServiceAdapter } from '@waybill/http';
import { namedTokens, testSecret } from '@waybill/http/testing';
import { type Broker, MessagingStrategy, oneBroker, Storage } from '@waybill/messaging';
import { MemoryStorage, until } from '@waybill/messaging/testing';
import { HOST } from '@waybill/service';
import { emptyDatabase } from '@waybill/service/testing';
import { DataSource } from 'typeorm';
import { PaymentModule } from './payment.module.ts';
import { PAYMENT_PROVIDER } from './payment.tokens.ts';
import { FakeProvider } from './testing/fake-provider.ts';

const env = {
  DATABASE_URL: 'postgres://nobody@127.0.0.1:1/payment',
  LOG_LEVEL: 'silent',
  SERVICE_SECRET: testSecret,
};
let app: NestFastifyApplication;
let broker: Broker;
let storage: MemoryStorage;
let provider: FakeProvider;

beforeEach(async () => {
  broker = embeddedBroker();
  storage = new MemoryStorage(oneBroker(broker));
  provider = new FakeProvider();
  const module = await Test.createTestingModule({ imports: [PaymentModule] })
    .overrideProvider(HOST)
    .useValue({ env, brokers: oneBroker(broker), listen: null, tokenVerifier: namedTokens })
    .overrideProvider(Storage)
    .useValue(storage)
    .overrideProvider(DataSource)
    .useValue(emptyDatabase())
    .overrideProvider(PAYMENT_PROVIDER)
    .useValue(provider)
    .compile();
  app = module.createNestApplication<NestFastifyApplication>(new ServiceAdapter());
  app.connectMicroservice({ strategy: app.get(MessagingStrategy) });
  await app.init();
  await app.startAllMicroservices();
});
afterEach(() => app.close());

it('is ready when its consumer runs', async () => {
  expect((await app.inject('/health/ready')).json()).toEqual({
    status: 'healthy',
    service: 'payment',
  });
});

it('asks the provider that the test brings, and stores what it said', async () => {
  const orderId = newId();
  const amount = { amount: 1_999, currency: 'EUR' };
  const command = AuthorizePayment({ orderId, amount, method: 'card', token: 'tok_visa' });
  const cause = { id: newId(), correlationId: orderId, traceparent: null };
  const envelope = wrap(command, { cause, source: 'order', now: new Date(), name: 'test' });
  const channel = channelOf(command.contract);
  broker.publish([{ channel, envelope, body: encode(envelope) }], () => {});
  await until(() => storage.store.states.has(`payments/${orderId}`));
  expect(storage.store.states.get(`payments/${orderId}`)?.value).toMatchObject({
    status: 'authorized',
    authorized: 1_999,
  });
});
