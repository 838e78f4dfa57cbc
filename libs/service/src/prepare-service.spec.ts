import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { afterEach, describe, expect, it } from '@jest/globals';
import { embeddedBroker } from '@waybill/embedded-broker';
import { namedTokens, speak, testSecret } from '@waybill/http/testing';
import { oneBroker } from '@waybill/messaging';
import { HandClock, MemoryStorage } from '@waybill/messaging/testing';
import type { Host } from './host.ts';
import type { RunningService } from './running-service.ts';
import { CounterModule } from './testing/counter.module.ts';
import { startTestService } from './testing/start-test-service.ts';

const env = {
  DATABASE_URL: 'postgres://nobody@127.0.0.1:1/counter',
  LOG_LEVEL: 'silent',
  SERVICE_SECRET: testSecret,
};
const asAda = { authorization: 'Bearer ada' };

const sortedLabels = (_: string, labels: string): string =>
  `{${labels.split(',').sort().join(',')}}`;

describe('a started service', () => {
  const open: RunningService[] = [];
  afterEach(async () => {
    for (const service of open.splice(0)) await service.close();
  });

  const start = async (options: Partial<Host> = {}, lacks: readonly string[] = []) => {
    const brokers = oneBroker(embeddedBroker());
    const storage = new MemoryStorage(brokers);
    storage.lacks = lacks;
    const host: Host = { env, brokers, listen: null, tokenVerifier: namedTokens, ...options };
    const service = await startTestService(CounterModule, host, storage);
    open.push(service);
    return { service, storage, inject: service.app.inject.bind(service.app) };
  };
  const add = (n: number, id = 'a') => ({
    method: 'POST' as const,
    url: '/counters',
    payload: { id, n },
    headers: asAda,
  });

  it('runs a route through a commit and answers what was decided', async () => {
    const { inject, storage } = await start();
    expect((await inject(add(2))).json()).toEqual({ total: 2, by: 'Ada Lovelace' });
    expect((await inject(add(3))).json()).toMatchObject({ total: 5 });
    expect(storage.store.states.get('counters/a')?.value).toEqual({ id: 'a', total: 5 });
  });

  it('gives the messages of a request its correlation and trace', async () => {
    const { inject, storage } = await start();
    const response = await inject(add(1));
    const row = [...storage.store.inbox.values()].find(({ key }) => key === 'a');
    expect(row?.correlationId).toBe(response.headers['x-request-id']);
  });

  it('answers an error of a decision by the status that the service gives its code', async () => {
    const { inject } = await start();
    for (let i = 0; i < 10; i += 1) await inject(add(100));
    const refused = await inject(add(1));
    expect(refused.statusCode).toBe(409);
    expect(refused.json()).toMatchObject({
      code: 'counter_full',
      detail: 'counter a would pass 1000',
    });
  });

  it('runs its seed after it has started, unless the host says no', async () => {
    const { storage } = await start();
    expect(storage.store.states.has('counters/seed')).toBe(true);
    const bare = await start({ seed: false });
    expect(bare.storage.store.states.size).toBe(0);
  });

  it('listens where its host says', async () => {
    const { service } = await start({ listen: { host: '127.0.0.1', port: 0 } });
    const response = await fetch(`${service.url}/health/live`);
    expect(await response.json()).toEqual({ status: 'healthy', service: 'counter' });
  });

  it('serves requests that the server of a gateway hands over', async () => {
    const { service } = await start();
    const gateway = createServer((request, response) => service.dispatch(request, response));
    await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', () => resolve()));
    const url = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}/counters`;
    const post = (body: string) =>
      fetch(url, {
        method: 'POST',
        body,
        headers: { ...asAda, 'content-type': 'application/json', connection: 'close' },
      });
    expect(await (await post('{"id":"a","n":4}')).json()).toMatchObject({ total: 4 });
    expect((await post('{"id":"a"')).status).toBe(400);
    expect((await post(`{"id":"${'x'.repeat(70_000)}"}`)).status).toBe(413);
    await new Promise((resolve) => gateway.close(resolve));
  });

  it('is not ready, and takes no message, while its database is behind', async () => {
    const { inject } = await start({}, ['Later1763683200001']);
    const ready = await inject({ url: '/health/ready' });
    expect(ready.statusCode).toBe(503);
    expect(ready.json().detail).toContain('pending-migrations');
    const refused = await inject(add(1));
    expect(refused.statusCode).toBe(503);
    expect(refused.headers['retry-after']).toBeDefined();
  });

  it('starts when its database is no longer behind, also when that fails at first', async () => {
    const clock = new HandClock();
    const { inject, storage } = await start({ clock }, ['Later1763683200001']);
    const begin = storage.relay.start.bind(storage.relay);
    let failures = 2;
    storage.relay.start = async () => {
      if (failures-- > 0) throw new Error('no database');
      await begin();
    };
    storage.lacks = [];
    const isReady = async () => (await inject({ url: '/health/ready' })).statusCode === 200;
    expect(await isReady()).toBe(false);
    // Each check may take some real time; the clock advances until one of them was the last.
    while (!(await isReady())) clock.advance(100);
    expect(failures).toBe(-1);
  });

  it('is ready, alive and healthy, and shows its numbers', async () => {
    const { inject } = await start();
    expect((await inject({ url: '/health/ready' })).statusCode).toBe(200);
    const health = (await inject({ url: '/health' })).json();
    const names = health.checks.map(({ name }: { name: string }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        'database',
        'outbox-age',
        'deferred',
        'dead-letters',
        'event-loop',
        'memory',
        'disk',
      ]),
    );
    await inject(add(1));
    const text = (await inject({ url: '/metrics' })).body;
    const samples = text.split('\n').map((line) => line.replace(/\{(.*)\}/, sortedLabels));
    expect(samples).toContain(
      'waybill_messages_total{channel="counter.local",group="counter",outcome="applied",service="counter",type="counter.add"} 2',
    );
    expect(samples).toContain(
      'waybill_http_seconds_count{method="POST",route="/counters",service="counter",status="202"} 1',
    );
    expect(samples).toContain(
      'waybill_messages_produced_total{broker="embedded",channel="counter.events",service="counter"} 2',
    );
    expect(samples).toContain('waybill_check_status{check="database",service="counter"} 0');
  });

  it.each([
    [{ DISK_FOLDER: '/nowhere/mounted' }, { value: null, error: 'ENOENT' }],
    [{ WAYBILL_DATA: '/nowhere/made' }, { value: 0, status: 'healthy' }],
    [
      { WAYBILL_DATA: tmpdir(), DISK_RESERVE_MB: '1048576' },
      { value: 100, status: 'unhealthy' },
    ],
  ])('watches the disk of its data, and none where it has none: %j', async (folders, told) => {
    const { service } = await start({ env: { ...env, ...folders } });
    const { checks } = await service.health.report();
    expect(checks.find(({ name }) => name === 'disk')).toMatchObject(told);
  });

  it.each([
    ['RELAY_LAG_LIMIT_MS', 'outbox-age'],
    ['RELAY_QUEUE_LIMIT', 'relay-queue'],
    ['DEFERRED_LIMIT', 'deferred'],
    ['DEAD_LETTER_LIMIT', 'dead-letters'],
    ['EVENT_LOOP_LIMIT_MS', 'event-loop'],
    ['MEMORY_LIMIT_MB', 'memory'],
    ['DEPTH_LIMIT', 'depth'],
    ['LAG_LIMIT_MS', 'lag'],
    ['ERROR_RATE_LIMIT', 'error-rate'],
    ['SLOW_MESSAGES_MS', 'processing-time'],
  ])('has %s as the limit of its check %s', async (variable, check) => {
    const { inject } = await start({ env: { ...env, [variable]: '70' } });
    const { checks } = (await inject({ url: '/health' })).json();
    const { threshold } = checks.find(({ name }: { name: string }) => name === check);
    expect(threshold).toEqual({
      degraded: 56,
      unhealthy: variable === 'SLOW_MESSAGES_MS' ? null : 70,
    });
  });

  it('leaves what its process shares to another service of it', async () => {
    const { service } = await start({ isGuest: true });
    const names = (await service.health.report()).checks.map(({ name }) => name);
    expect(names).toContain('database');
    for (const shared of ['event-loop', 'memory', 'disk']) expect(names).not.toContain(shared);
  });

  it('stops in order when it listens: a request that is half here is answered, and nothing waits', async () => {
    const { service } = await start({ listen: { host: '127.0.0.1', port: 0 } });
    const half = 'POST /counters HTTP/1.1\r\nhost: here\r\ncontent-type: application/json\r\n';
    const received = speak(service.url ?? '', `${half}content-length: 9\r\n\r\n{`);
    const { server } = service.app.getHttpAdapter().getInstance();
    expect(server).toMatchObject({ headersTimeout: 10_000, requestTimeout: 30_000 });
    await once(server, 'request');
    await service.close();
    expect(await received).toMatch(/^HTTP\/1\.1 503 .*retry-after: 2.*"code":"unavailable"/is);
  });

  it('lists its channels for operators', async () => {
    const { service } = await start();
    const [channel] = await service.operations.channels();
    expect(channel).toMatchObject({
      service: 'counter',
      channel: 'counter.events',
      group: 'counter',
      broker: 'embedded',
      kind: 'event',
    });
  });

  it('opens its internal routes to other services only', async () => {
    const { inject } = await start();
    expect((await inject({ url: '/internal/channels' })).statusCode).toBe(401);
    expect((await inject({ url: '/internal/channels', headers: asAda })).statusCode).toBe(401);
  });

  it('knows its routes and tells how they are owned', async () => {
    const { service } = await start();
    expect(service.routes.methodsAt('/counters')).toEqual(['POST']);
    expect(service.routes.methodsAt('/elsewhere')).toEqual([]);
  });

  it('stops in order: what is in hand is answered, then the relay ends, then the database', async () => {
    const { service, storage } = await start({ listen: { host: '127.0.0.1', port: 0 } });
    const load = storage.store.load.bind(storage.store);
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const entered = new Promise<void>((resolve) => {
      storage.store.load = async (refs) => {
        resolve();
        await gate;
        return load(refs);
      };
    });
    const inHand = fetch(`${service.url}/counters/slow`);
    await entered;
    const closed = service.close();
    const late = await fetch(`${service.url}/counters/slow`).then(
      ({ status }) => status,
      () => 'not connected',
    );
    expect([503, 'not connected']).toContain(late);
    open();
    expect((await inHand).status).toBe(200);
    await closed;
    expect(storage.steps.slice(-2)).toEqual(['relay stopped', 'database closed']);
    await service.close();
    expect(storage.steps.filter((step) => step === 'database closed')).toHaveLength(1);
  });
});
