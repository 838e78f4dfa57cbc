import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from '@jest/globals';
import { ServiceTokens } from '@waybill/http';
import { systemClock } from '@waybill/messaging';
import { HandClock } from '@waybill/messaging/testing';
import type { CheckReport, HealthReport } from '@waybill/observability';
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

it('what is not healthy is reported every ten seconds, also when nobody took the report before', async () => {
  const clock = new HandClock();
  const received: unknown[] = [];
  const receiver = {
    receive: async (source: string, processes: readonly ProcessHealth[]) => {
      received.push([source.length > 0, processes]);
      if (received.length === 1) throw new Error('away');
    },
  };
  const health = { reports: async () => [report] } as unknown as SystemHealth;
  const reporter = new HealthReporter(health, receiver, clock);
  reporter.onApplicationBootstrap();
  const pass = async () => {
    clock.advance(10_000);
    for (let turn = 0; turn < 5; turn += 1) await new Promise((next) => setImmediate(next));
  };
  await pass();
  await pass();
  expect(received).toEqual([
    [true, [seen]],
    [true, [seen]],
  ]);
  reporter.beforeApplicationShutdown();
  await pass();
  expect(received).toHaveLength(2);
});

it('a process that does not answer is reported as such', () => {
  const away = { service: 'order', status: 'unhealthy', checks: [check('reachable', 'unhealthy')] };
  expect(processHealth(away as HealthReport)).toMatchObject({ answered: false });
});

it('the report goes to one process of notification that answers, with a token of a service', async () => {
  const requests: unknown[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method, url, headers } = request;
    const isTrusted = headers.authorization?.startsWith('Bearer ');
    requests.push([method, url, isTrusted, JSON.parse(Buffer.concat(chunks).toString())]);
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const replicas = new Replicas(['http://127.0.0.1:1', `http://127.0.0.1:${port}`]);
  const tokens = new ServiceTokens('gateway', 'x'.repeat(32), systemClock);
  const receiver = new RemoteHealthReceiver(new ServiceDoor('notification', replicas, tokens));
  await receiver.receive('one', [seen]);
  expect(requests).toEqual([
    ['POST', '/internal/observations', true, { source: 'one', processes: [seen] }],
  ]);
  await replicas.close();
  server.closeAllConnections();
  server.close();
});
