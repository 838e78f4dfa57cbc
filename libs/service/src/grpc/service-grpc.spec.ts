import { once } from 'node:events';
import { connect } from 'node:http2';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Module, type Type } from '@nestjs/common';
import { FindProducts } from '@waybill/contracts';
import { catalogueApi, findProductsByGrpc } from '@waybill/contracts/grpc';
import { embeddedBroker } from '@waybill/embedded-broker';
import { GrpcController, Serves } from '@waybill/grpc';
import { GrpcCaller } from '@waybill/grpc/client';
import { ServiceTokens } from '@waybill/http';
import { namedTokens, testSecret } from '@waybill/http/testing';
import { MessagingModule, oneBroker, Requests } from '@waybill/messaging';
import { HandClock, MemoryStorage } from '@waybill/messaging/testing';
import { PersistenceModule } from '@waybill/persistence';
import { NEVER } from 'rxjs';
import type { Host } from '../host.ts';
import type { RunningService } from '../running-service.ts';
import { ServiceModule } from '../service.module.ts';
import { counterOptions, counterStored } from '../testing/counter.module.ts';
import { startTestService } from '../testing/start-test-service.ts';

const env = {
  DATABASE_URL: 'postgres://nobody@127.0.0.1:1/counter',
  LOG_LEVEL: 'silent',
  SERVICE_SECRET: testSecret,
};
const atGrpc = { ...env, GRPC_PORT: '0' };
const listen = { host: '127.0.0.1', port: 0 };
const soon = { deadline: 5_000 };
const price = { amount: 1, currency: 'EUR' };
const products = [
  { sku: 'MUG', name: 'Mug', category: 'x', price, weightGrams: 1, version: 1, available: 1 },
];

/** Makes the next reply; an error that it throws counts as the error of a decision. */
let answer: () => unknown;

@GrpcController()
class CounterRpc {
  @Serves(catalogueApi)
  findProducts(): unknown {
    return answer();
  }

  @Serves(catalogueApi)
  watchAvailability(): unknown {
    return NEVER;
  }
}

/** A service with that controller, which declares these requests to other services. */
function calling(...calls: readonly { readonly type: string }[]): Type {
  @Module({
    imports: [
      ServiceModule.forRoot({
        ...counterOptions,
        seed: async () => {},
        grpc: { api: catalogueApi, port: 9 },
        calls: calls,
      }),
      PersistenceModule.forRoot(counterStored),
      MessagingModule.forRoot(),
    ],
    controllers: [CounterRpc],
  })
  class CounterRpcModule {}
  return CounterRpcModule;
}

const running: RunningService[] = [];
const callers: GrpcCaller[] = [];
afterEach(async () => {
  for (const caller of callers.splice(0)) caller.close();
  for (const service of running.splice(0)) await service.close();
});

async function start(
  options: Partial<Host> = {},
  lacks: readonly string[] = [],
  module: Type = calling(findProductsByGrpc),
) {
  answer = () => ({ products });
  const brokers = oneBroker(embeddedBroker());
  const storage = new MemoryStorage(brokers);
  storage.lacks = lacks;
  const host: Host = { env: atGrpc, brokers, listen, tokenVerifier: namedTokens, ...options };
  const service = await startTestService(module, host, storage);
  running.push(service);
  return { service, storage };
}

function callerOf(
  { grpcAddress }: RunningService,
  secret = testSecret,
  clock = new HandClock(Date.now()),
) {
  const tokens = new ServiceTokens('order', secret, clock);
  const url = grpcAddress ?? '';
  const caller = new GrpcCaller({ api: catalogueApi, url, token: () => tokens.issue() });
  callers.push(caller);
  return caller;
}

/** The status with which reflection ends at once; null if it replies. */
async function statusOfReflection({ grpcAddress }: RunningService): Promise<string | null> {
  const session = connect(`http://${grpcAddress}`);
  const call = session.request({
    ':method': 'POST',
    ':path': '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  // One message: list_services for all services.
  call.write(Buffer.from('00000000033a012a', 'hex'));
  const [headers] = await once(call, 'response');
  session.destroy();
  return headers['grpc-status'] ?? null;
}

const find = (caller: GrpcCaller) => caller.call('FindProducts', { skus: ['MUG'] }, soon);

describe('a service that serves gRPC', () => {
  it('does so for who shows a token of a service of the same system', async () => {
    const { service } = await start();
    expect(await find(callerOf(service))).toMatchObject({ products: [{ sku: 'MUG' }] });
    const stranger = find(callerOf(service, 'another-secret-of-more-than-32-characters'));
    await expect(stranger).rejects.toMatchObject({ status: 'UNAUTHENTICATED' });
    const expired = find(callerOf(service, testSecret, new HandClock(Date.now() - 400_000)));
    await expect(expired).rejects.toMatchObject({ status: 'UNAUTHENTICATED' });
    const metrics = await service.metrics.text();
    expect(metrics).toMatch(/waybill_grpc_seconds_count\{.*FindProducts.*status="OK".*\} 1/);
    expect(metrics).toMatch(/waybill_grpc_seconds_count\{.*status="UNAUTHENTICATED".*\} 2/);
  });

  it('does not in the process of others, nor where only a test gave it a place', async () => {
    expect((await start({ listen: null })).service.grpcAddress).toBeNull();
    expect((await start({ env })).service.grpcAddress).toBeNull();
  });

  it('says that it is starting while its database is behind', async () => {
    const clock = new HandClock(Date.now());
    const { service, storage } = await start({ clock }, ['a migration']);
    const caller = callerOf(service, testSecret, clock);
    await expect(find(caller)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('counter is starting'),
    });
    storage.lacks = [];
    clock.advance(1_000);
    let found: unknown = null;
    while (!found) found = await find(caller).catch(() => null);
    expect(found).toMatchObject({ products: [{ sku: 'MUG' }] });
  });

  it.each([
    ['counter_full', 'FAILED_PRECONDITION', 'counter_full'],
    ['no_such_dead_letter', 'NOT_FOUND', 'no_such_dead_letter'],
    ['overloaded', 'UNAVAILABLE', 'unavailable'],
    ['ECONNREFUSED', 'UNAVAILABLE', 'unavailable'],
    ['something_else', 'INTERNAL', 'internal'],
  ])('makes of an error %s the status %s', async (code, status, told) => {
    const { service } = await start();
    answer = () => {
      throw Object.assign(new Error('as it is'), { code });
    };
    const failed = await find(callerOf(service)).catch((error: object) => error);
    expect(failed).toMatchObject({ code: told });
    if (status !== 'UNAVAILABLE') expect(failed).toMatchObject({ status });
  });

  it('logs a failure of its own with the trace of its caller', async () => {
    const { service } = await start({ env: { ...atGrpc, LOG_LEVEL: 'error' } });
    const logged = jest.spyOn(service.log, 'error').mockImplementation(() => {});
    answer = () => {
      throw new TypeError('a bug');
    };
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const request = { skus: ['MUG'] };
    const found = callerOf(service).call('FindProducts', request, { ...soon, traceparent });
    await expect(found).rejects.toMatchObject({ code: 'internal' });
    expect(logged).toHaveBeenCalledWith(
      expect.objectContaining({ correlationId: '0af76519-16cd-43dd-8448-eb211c80319c' }),
      'gRPC call failed',
    );
  });

  it('ends its streams when it stops', async () => {
    const { service } = await start();
    const failed = new Promise((resolve) => {
      callerOf(service)
        .stream('WatchAvailability', { skus: ['MUG'] }, soon)
        .subscribe({ error: resolve });
    });
    await find(callerOf(service));
    await service.close();
    expect(await failed).toMatchObject({ code: 'unavailable' });
  });
});

describe('reflection of a service', () => {
  const deployed = {
    ...atGrpc,
    WAYBILL_DEPLOYED: '1',
    AUTH_ISSUER: 'https://issuer.example.com',
    AUTH_JWKS_URL: 'https://issuer.example.com/jwks',
    COUNTER_SECRET: 'a-secret-that-is-not-the-one-of-development',
  };

  it.each([
    ['is there in development', atGrpc, null],
    ['is not there where it is deployed', deployed, '12'],
  ])('%s', async (_, environment, status) => {
    const { service } = await start({ env: environment });
    expect(await statusOfReflection(service)).toBe(status);
  });
});

describe('a service that asks by gRPC', () => {
  const request = (service: RunningService, deadline = 5_000) =>
    service.app.get(Requests).request(FindProducts, { skus: ['MUG'] }, { deadline });

  it('asks over the broker unless a URL says where', async () => {
    const brokers = oneBroker(embeddedBroker());
    await brokers.requests?.respond(FindProducts as never, async () => 'by broker');
    const { service } = await start({ brokers });
    expect(await request(service)).toBe('by broker');
  });

  it('is not started where neither a broker nor a URL carries what it asks', async () => {
    const broker = embeddedBroker();
    const mute = Object.assign(broker, { guarantees: { ...broker.guarantees, requests: false } });
    const brokers = oneBroker(mute);
    await expect(start({ brokers }, [], calling(findProductsByGrpc))).rejects.toThrow(
      'INVENTORY_GRPC_URL is missing: embedded carries no requests, so inventory.find-products is asked by gRPC',
    );
    await expect(start({ brokers }, [], calling({ type: 'shop.other' }))).rejects.toThrow(
      'BROKERS: embedded carries no requests, and shop.other is not asked by gRPC',
    );
    const server = Object.assign(embeddedBroker(), { state: () => 'connected' as const });
    const confidential = { ...findProductsByGrpc, confidential: true };
    await expect(start({ brokers: oneBroker(server) }, [], calling(confidential))).rejects.toThrow(
      'INVENTORY_GRPC_URL is missing: embedded carries no confidential requests',
    );
  });

  it('asks whom the URL names, with its token, and is told no when nobody is there', async () => {
    const { service: asked } = await start();
    const url = `grpc://${asked.grpcAddress}`;
    const { service: calling } = await start({ env: { ...env, INVENTORY_GRPC_URL: url } });
    expect(await request(calling)).toMatchObject({ products });
    await asked.close();
    await expect(request(calling)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('gives up at its deadline', async () => {
    const { service: asked } = await start();
    const url = asked.grpcAddress ?? '';
    const { service: calling } = await start({ env: { ...env, INVENTORY_GRPC_URL: url } });
    answer = () => new Promise(() => {});
    await expect(request(calling, 300)).rejects.toMatchObject({ code: 'request_timed_out' });
  });

  it.each(['nowhere', 'http://inventory:9082', 'inventory:port'])(
    'refuses the address %s',
    async (wrong) => {
      const started = start({ env: { ...env, INVENTORY_GRPC_URL: wrong } });
      await expect(started).rejects.toThrow('INVENTORY_GRPC_URL: is an address such as');
    },
  );
});
