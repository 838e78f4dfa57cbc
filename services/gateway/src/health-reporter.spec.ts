import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from '@jest/globals';
import { ServiceTokens } from '@waybill/http';
import { systemClock } from '@waybill/messaging';
import { HandClock } from '@waybill/messaging/testing';
import { type CheckReport, type HealthReport, Slo, type SloMinute } from '@waybill/observability';
import type { ProcessHealth } from './health-receiver.ts';
import { HealthReporter, processHealth } from './health-reporter.ts';
import type { SystemHealth } from './http/system-health.ts';
import { RemoteHealthReceiver } from './remote/remote-health-receiver.ts';
import { Replicas } from './remote/replicas.ts';
import { ServiceDoor } from './remote/service-door.ts';

const check = (name: string, status: CheckReport['status']): CheckReport => ({
  name,
  status,
  value: 9,
  threshold: { degraded: 8, unhealthy: 10 },
  unit: 'messages',
  durationMs: 1,
  about: 'order.mail',
});
const report: HealthReport = {
  service: 'order',
  status: 'degraded',
  checks: [check('depth', 'degraded'), check('lag', 'healthy')],
};
const seen: ProcessHealth = {
  service: 'order',
  answered: true,
  bad: [
    {
      name: 'depth',
      status: 'degraded',
      value: 9,
      threshold: { degraded: 8, unhealthy: 10 },
      unit: 'messages',
      about: 'order.mail',
    },
  ],
};

const turns = async () => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((next) => setImmediate(next));
};

it('what is not healthy is reported every ten seconds, also when nobody took the report before', async () => {
  const clock = new HandClock();
  const received: unknown[] = [];
  const receiver = {
    count: () => Promise.reject(new Error('of an earlier release')),
    receive: async (source: string, processes: readonly ProcessHealth[]) => {
      received.push([source.length > 0, processes]);
      if (received.length === 1) throw new Error('away');
    },
  };
  const health = { reports: async () => [report] } as unknown as SystemHealth;
  const reporter = new HealthReporter(health, receiver, new Slo('accepts', 0.999), clock);
  reporter.onApplicationBootstrap();
  const pass = async () => {
    clock.advance(10_000);
    await turns();
  };
  await pass();
  await pass();
  expect(received).toEqual([
    [true, [seen]],
    [true, [seen]],
  ]);
  await reporter.beforeApplicationShutdown();
  await pass();
  expect(received).toHaveLength(2);
});

it('answers to orders are counted with those of other gateways, also when the counts could not be stored before', async () => {
  const clock = new HandClock();
  const accepts = new Slo('accepts', 0.9, () => clock.now().getTime());
  const stored: (readonly SloMinute[])[] = [];
  const receiver = {
    receive: async () => undefined,
    count: async (_: string, seen: readonly SloMinute[]) => {
      stored.push(seen);
      if (stored.length === 1) throw new Error('away');
      return [{ minute: seen.at(-1)?.minute ?? 0, all: 98, bad: 20 }];
    },
  };
  const health = { reports: async () => [] } as unknown as SystemHealth;
  const reporter = new HealthReporter(health, receiver, accepts, clock);
  reporter.onApplicationBootstrap();
  const minute = Math.floor(clock.now().getTime() / 60_000);
  for (const isGood of [true, false, true]) {
    accepts.add(isGood);
    clock.advance(60_000);
    await turns();
  }
  const one = { minute, all: 1, bad: 0 };
  const other = { minute: minute + 1, all: 1, bad: 1 };
  expect(stored).toEqual([[one], [one, other], [other, { minute: minute + 2, all: 1, bad: 0 }]]);
  expect(accepts.burnRate(60)).toBeCloseTo(21 / 101 / 0.1);
  accepts.add(false);
  await reporter.beforeApplicationShutdown();
  expect(stored.at(-1)?.at(-1)).toEqual({ minute: minute + 3, all: 1, bad: 1 });
});

it('a process that does not answer is reported as such', () => {
  const away = { service: 'order', status: 'unhealthy', checks: [check('reachable', 'unhealthy')] };
  expect(processHealth(away as HealthReport)).toMatchObject({ answered: false });
});

it('what a gateway sees goes to one process of notification that answers, with a token of a service', async () => {
  const requests: unknown[] = [];
  const minute = { minute: 30_000_000, all: 2, bad: 1 };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method, url, headers } = request;
    const isTrusted = headers.authorization?.startsWith('Bearer ');
    requests.push([method, url, isTrusted, JSON.parse(Buffer.concat(chunks).toString())]);
    if (url === '/internal/observations') response.writeHead(204).end();
    else response.end(JSON.stringify([minute]));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const replicas = new Replicas(['http://127.0.0.1:1', `http://127.0.0.1:${port}`]);
  const tokens = new ServiceTokens('gateway', 'x'.repeat(32), systemClock);
  const receiver = new RemoteHealthReceiver(new ServiceDoor('notification', replicas, tokens));
  await receiver.receive('one', [seen]);
  expect(await receiver.count('one', [])).toEqual([minute]);
  expect(requests).toEqual([
    ['POST', '/internal/observations', true, { source: 'one', processes: [seen] }],
    ['POST', '/internal/observations/accepts', true, { source: 'one', accepts: [] }],
  ]);
  await replicas.close();
  server.closeAllConnections();
  server.close();
});
