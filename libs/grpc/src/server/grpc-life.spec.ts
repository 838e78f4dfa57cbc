import { Client, credentials, loadPackageDefinition, Metadata } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Availability, GetAvailabilityResponse } from '@waybill/contracts/grpc';
import { until } from '@waybill/messaging/testing';
import { protoPath as healthProto } from 'grpc-health-check';
import type { Subscription } from 'rxjs';
import { ShelfServer } from '../testing/shelf-server.ts';

const soon = { deadline: 5_000 };
const mug = { skus: ['MUG'] };

interface HealthClient extends Client {
  Check(request: object, answer: (error: unknown, told: { status: string }) => void): void;
  List(
    request: object,
    answer: (error: unknown, told: { statuses: Record<string, { status: string }> }) => void,
  ): void;
  Watch(request: object): NodeJS.ReadableStream & { cancel(): void };
}

const servers: ShelfServer[] = [];
const clients: Client[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function started(options: Parameters<typeof ShelfServer.start>[0] = {}) {
  const server = await ShelfServer.start(options);
  servers.push(server);
  return server;
}

function healthOf({ address }: ShelfServer): HealthClient {
  const { grpc } = loadPackageDefinition(loadSync(healthProto, { enums: String })) as never as {
    grpc: { health: { v1: { Health: new (...of: unknown[]) => HealthClient } } };
  };
  const client = new grpc.health.v1.Health(address, credentials.createInsecure());
  clients.push(client);
  return client;
}

const check = (health: HealthClient, service = ''): Promise<string> =>
  new Promise((resolve, reject) =>
    health.Check({ service }, (error, told) => (error ? reject(error) : resolve(told.status))),
  );

describe('the health of a gRPC server', () => {
  it('is asked without a token, and follows the service', async () => {
    let ready = false;
    const server = await started({ ready: async () => ready, started: () => ready });
    const health = healthOf(server);
    expect(await check(health)).toBe('NOT_SERVING');
    const early = server.caller().call('GetAvailability', mug, soon);
    await expect(early).rejects.toMatchObject({ code: 'unavailable' });
    ready = true;
    expect(await check(health, 'waybill.inventory.v1.Catalogue')).toBe('SERVING');
    expect(await server.caller().call('GetAvailability', mug, soon)).toBeDefined();
    await expect(check(health, 'waybill.nothing')).rejects.toMatchObject({ code: 5 });
  });

  it('is not serving when what it looks at fails', async () => {
    const server = await started({ ready: () => Promise.reject(new Error('no database')) });
    expect(await check(healthOf(server))).toBe('NOT_SERVING');
  });

  it('is listed for every service', async () => {
    const health = healthOf(await started());
    const { statuses } = await new Promise<{ statuses: object }>((resolve, reject) =>
      health.List({}, (error, told) => (error ? reject(error) : resolve(told))),
    );
    expect(Object.keys(statuses).sort()).toEqual(['', 'waybill.inventory.v1.Catalogue']);
  });

  it('is watched: a change is told, and a stop at once', async () => {
    let ready = true;
    const server = await started({ ready: async () => ready });
    const told: string[] = [];
    const watch = healthOf(server).Watch({ service: '' });
    watch.on('data', ({ status }: { status: string }) => told.push(status));
    watch.on('error', () => told.push('ended'));
    await until(() => told.length === 1);
    ready = false;
    await until(() => told.length === 2);
    await server.transport.stop(1_000);
    await until(() => told.includes('ended'));
    expect(told).toEqual(['SERVING', 'NOT_SERVING', 'ended']);
  });
});

describe('reflection', () => {
  it('lists the services where it is on, without a token', async () => {
    const answer = await reflected(await started({ reflection: true }));
    expect(answer).toContain('waybill.inventory.v1.Catalogue');
    expect(answer).toContain('grpc.health.v1.Health');
  });

  it('is not there where it is off', async () => {
    await expect(reflected(await started())).rejects.toMatchObject({ code: 12 });
  });
});

describe('the stop of a gRPC server', () => {
  it('waits for the calls in hand, and refuses new ones', async () => {
    const server = await started();
    const caller = server.caller();
    const inHand = caller.call<GetAvailabilityResponse>('FindProducts', mug, soon);
    await until(() => server.shelf.held.length === 1);
    let stopped = false;
    const stop = server.transport.stop(4_000).then(() => {
      stopped = true;
    });
    const late = server.caller().call('GetAvailability', mug, soon);
    await expect(late).rejects.toMatchObject({ code: 'unavailable' });
    expect(stopped).toBe(false);
    server.shelf.held[0]?.({ products: [] });
    expect(await inHand).toMatchObject({ products: [] });
    await stop;
  });

  it('ends streams at once, and they hold nothing any more', async () => {
    const server = await started();
    const failed = new Promise<Error>((resolve) => {
      const stream = server.caller().stream<Availability>('WatchAvailability', mug, soon);
      stream.subscribe({ error: resolve });
    });
    await until(() => server.shelf.watched === 1);
    await server.transport.stop(4_000);
    expect(await failed).toMatchObject({ code: 'unavailable' });
    await until(() => server.shelf.watched === 0);
  });

  it('cuts what does not end in time', async () => {
    const server = await started();
    const inHand = server.caller().call('FindProducts', mug, soon);
    const lost = expect(inHand).rejects.toMatchObject({ name: expect.any(String) });
    await until(() => server.shelf.held.length === 1);
    await server.transport.stop(50);
    await lost;
  });

  it('lets a caller come again when the server is back', async () => {
    const first = await started();
    const caller = first.caller();
    await caller.call('GetAvailability', mug, soon);
    const port = Number(first.address.split(':')[1]);
    await first.transport.stop(100);
    await expect(caller.call('GetAvailability', mug, soon)).rejects.toMatchObject({
      code: 'unavailable',
    });
    await started({ listen: { host: '127.0.0.1', port } });
    let answer: unknown = null;
    await until(async () => {
      answer = await caller.call('GetAvailability', mug, soon).catch(() => null);
      return answer !== null;
    });
    expect(answer).toMatchObject({ products: [{ sku: 'MUG' }] });
  });

  it('names the port that is taken', async () => {
    const { address } = await started();
    const port = Number(address.split(':')[1]);
    const second = ShelfServer.start({ listen: { host: '127.0.0.1', port } });
    await expect(second).rejects.toThrow(`shelf cannot serve gRPC at 127.0.0.1:${port}`);
  });
});

describe('a reader that is slower than the changes', () => {
  it('gets the newest of each product, and the server keeps no more', async () => {
    const server = await started();
    const seen: Availability[] = [];
    const stream = server.caller().stream<Availability>('WatchAvailability', mug, soon);
    let subscription: Subscription | undefined;
    const last = new Promise<void>((resolve, reject) => {
      subscription = stream.subscribe({
        next: (each) => {
          seen.push(each);
          if (each.available === 20_000) resolve();
        },
        error: reject,
      });
    });
    await until(() => server.shelf.watched === 1);
    // All in one turn of the event loop, so that nothing can be read meanwhile.
    for (let available = 1; available <= 20_000; available += 1) {
      server.shelf.changes.next({ sku: 'MUG', available });
    }
    await last;
    subscription?.unsubscribe();
    expect(seen.length).toBeLessThan(1_000);
    const numbers = seen.slice(1).map(({ available }) => available);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  });
});

it('a call that is cancelled while its token is checked never reaches its method', async () => {
  let admit: (() => void) | undefined;
  const server = await started({
    verify: () =>
      new Promise<void>((resolve) => {
        admit = resolve;
      }),
  });
  const answer = server.caller().stream('WatchAvailability', mug, soon).subscribe();
  await until(() => admit !== undefined);
  answer.unsubscribe();
  await until(() => server.ended.length === 1);
  admit?.();
  await new Promise((resolve) => setImmediate(resolve));
  expect(server.shelf.watched).toBe(0);
});

/** The reflection reply of a server to a list request, as text. */
function reflected({ address }: ShelfServer): Promise<string> {
  const client = new Client(address, credentials.createInsecure());
  clients.push(client);
  // list_services is field 7 of ServerReflectionRequest; "*" asks for all.
  const list = Buffer.from([0x3a, 0x01, 0x2a]);
  const call = client.makeBidiStreamRequest(
    '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
    (bytes: Buffer) => bytes,
    (bytes: Buffer) => bytes.toString('latin1'),
    new Metadata(),
  );
  call.write(list);
  return new Promise((resolve, reject) => {
    call.on('data', (text: string) => {
      call.end();
      resolve(text);
    });
    call.on('error', reject);
  });
}
