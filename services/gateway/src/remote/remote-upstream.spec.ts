import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ServiceTokens } from '@waybill/http';
import { systemClock } from '@waybill/messaging';
import { HandClock } from '@waybill/messaging/testing';
import { RemoteOrders } from './remote-orders.ts';
import { RemoteUpstream } from './remote-upstream.ts';
import { Replicas } from './replicas.ts';
import { ServiceDoor } from './service-door.ts';

jest.setTimeout(30_000);

type Answers = Readonly<Record<string, readonly [number, unknown]>>;

const tokens = new ServiceTokens('gateway', 'x'.repeat(32), systemClock);
const closing: (() => Promise<void> | void)[] = [];
let asked: string[];
beforeEach(() => {
  asked = [];
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A process of the order service that returns these answers, and 404 for everything else. */
async function replica(answers: () => Answers): Promise<string> {
  const server: Server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const [status, body] = answers()[request.url ?? ''] ?? [404, {}];
    const isText = typeof body === 'string';
    response.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json' });
    response.end(isText ? body : JSON.stringify(body));
  });
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function doorTo(...urls: readonly string[]): ServiceDoor {
  const door = new ServiceDoor('order', new Replicas(urls, { connectMs: 300 }), tokens);
  closing.push(() => door.replicas.close());
  return door;
}

const routes = (...paths: readonly string[]) => ({
  service: 'order',
  routes: paths.map((path) => ({ method: 'GET', path })),
});
const gone = 'http://127.0.0.1:1';

/** A second is over when the timer for the next one is set. */
class SecondBySecond extends HandClock {
  private armed = (): void => undefined;

  override after(ms: number, run: () => void): () => void {
    const forget = super.after(ms, run);
    this.armed();
    return forget;
  }

  async second(): Promise<void> {
    const armed = new Promise<void>((resolve) => {
      this.armed = resolve;
    });
    this.advance(1_000);
    await armed;
  }
}

async function started(door: ServiceDoor): Promise<RemoteUpstream> {
  const upstream = new RemoteUpstream(door);
  await upstream.start(systemClock);
  closing.push(() => upstream.close());
  return upstream;
}

describe('a service in other processes', () => {
  it('tells what it serves, but for what services tell only one another', async () => {
    const told = routes('/api/v1/orders/:id', '/internal/routes', '/health', '/metrics');
    const url = await replica(() => ({ '/internal/routes': [200, told] }));
    const upstream = await started(doorTo(url));
    expect(upstream.routes?.all()).toEqual([{ method: 'GET', path: '/api/v1/orders/:id' }]);
  });

  it('is unknown until it comes, and then told of', async () => {
    let served: Answers = {};
    const url = await replica(() => served);
    const upstream = await started(doorTo(url));
    expect(upstream.routes).toBeNull();
    const known = new Promise<void>((resolve) => upstream.onRoutes(resolve));
    served = { '/internal/routes': [200, routes('/api/v1/orders')] };
    await known;
    expect(upstream.routes?.serves('/api/v1/orders')).toBe(true);
  });

  it('is asked every second while it has not told what it serves, every five when it stands alone and has', async () => {
    let served: Answers = {};
    const url = await replica(() => served);
    const clock = new SecondBySecond();
    const upstream = new RemoteUpstream(doorTo(url));
    closing.push(() => upstream.close());
    await upstream.start(clock);
    const looks = async (seconds: number): Promise<number> => {
      const before = asked.length;
      for (let second = 0; second < seconds; second += 1) await clock.second();
      return asked.length - before;
    };
    expect(await looks(3)).toBe(3);
    served = { '/internal/routes': [200, routes('/api/v1/orders')] };
    expect(await looks(1)).toBe(1);
    expect(await looks(10)).toBe(2);
  });

  it('serves what any of its releases does while two run side by side', async () => {
    const [old, next] = await Promise.all([
      replica(() => ({ '/internal/routes': [200, routes('/api/v1/orders')] })),
      replica(() => ({ '/internal/routes': [200, routes('/api/v1/orders', '/api/v1/returns')] })),
    ]);
    const upstream = await started(doorTo(old, next));
    expect(upstream.routes?.serves('/api/v1/returns')).toBe(true);
  });

  it('is degraded while one of its processes is away, unhealthy without any', async () => {
    const report = { service: 'order', status: 'healthy', checks: [] };
    const url = await replica(() => ({
      '/health': [200, report],
      '/health/ready': [200, { status: 'healthy' }],
      '/internal/routes': [200, routes('/api/v1/orders')],
    }));
    const both = new RemoteUpstream(doorTo(url, gone));
    expect((await both.health()).map(({ status }) => status)).toEqual(['healthy', 'degraded']);
    expect(await both.obstacles()).toEqual([]);
    const none = new RemoteUpstream(doorTo(gone));
    expect((await none.health()).map(({ status }) => status)).toEqual(['unhealthy']);
    expect(await none.obstacles()).toEqual(['127.0.0.1:1 does not answer']);
  });

  it('is not ready before the gateway knows what it serves, and is asked for that at once', async () => {
    let served: Answers = { '/health/ready': [200, { status: 'healthy' }] };
    const url = await replica(() => served);
    const upstream = new RemoteUpstream(doorTo(url));
    expect(await upstream.obstacles()).toEqual(['has not published its routes yet']);
    served = { ...served, '/internal/routes': [200, routes('/api/v1/orders')] };
    expect(await upstream.obstacles()).toEqual([]);
    expect(upstream.routes?.serves('/api/v1/orders')).toBe(true);
  });

  it('adds up what its processes have counted, and asks one of them for what they share', async () => {
    const channel = (applied: number, depth: number | null, rate: number, errorRate: number) => ({
      ...{ service: 'order', channel: 'order.replies', group: 'order', broker: 'rabbitmq' },
      ...{ kind: 'reply', depth, inFlight: depth, lagMs: null, rate, errorRate },
      ...{ applied, duplicate: 1, deferred: 0, dead: 0, discarded: 0 },
    });
    const journey = '/internal/journey?key=k1';
    const serving = (report: object): (() => Answers) => {
      return () => ({ '/internal/channels': [200, [report]], [journey]: [200, []] });
    };
    const [a, b] = await Promise.all([
      replica(serving(channel(10, null, 3, 0))),
      replica(serving(channel(5, 7, 1, 0.4))),
    ]);
    const { operations } = new RemoteUpstream(doorTo(a, gone, b));
    expect(await operations.channels()).toEqual([
      expect.objectContaining({ applied: 15, duplicate: 2, depth: 7, rate: 4, errorRate: 0.1 }),
    ]);
    expect(await operations.journey('k1')).toEqual([]);
    expect(asked.filter((each) => each === `GET ${journey}`)).toHaveLength(1);
  });

  it('has the numbers of all its processes in one text', async () => {
    const text = (instance: string) =>
      `# HELP x_total things\n# TYPE x_total counter\nx_total{instance="${instance}"} 1\n`;
    const [a, b] = await Promise.all(
      ['order-1', 'order-2'].map((name) => replica(() => ({ '/metrics': [200, text(name)] }))),
    );
    const merged = await new RemoteUpstream(doorTo(a ?? '', b ?? '', gone)).metrics.text();
    expect(merged.match(/^# HELP x_total/gm)).toHaveLength(1);
    expect(merged.match(/^x_total\{/gm)).toHaveLength(2);
  });

  it('says itself who may see an order, at whichever process answers', async () => {
    const url = await replica(() => ({
      '/api/v1/orders/mine': [200, {}],
      '/api/v1/orders/unknown': [503, {}],
    }));
    const orders = new RemoteOrders(doorTo(gone, url));
    expect(await orders.sees('mine', 'Bearer x')).toBe(true);
    expect(await orders.sees('theirs', 'Bearer x')).toBe(false);
    await expect(orders.sees('unknown', 'Bearer x')).rejects.toMatchObject({
      status: 503,
      headers: { 'retry-after': '2' },
    });
    const refusal = expect(new RemoteOrders(doorTo(gone)).sees('mine', '')).rejects;
    await refusal.toMatchObject({ status: 503, code: 'unavailable' });
  });
});
