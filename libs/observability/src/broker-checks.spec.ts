import { expect, it } from '@jest/globals';
import { embeddedBroker } from '@waybill/embedded-broker';
import { type Broker, oneBroker } from '@waybill/messaging';
import { brokerChecks } from './broker-checks.ts';
import { Health } from './health.ts';

it('degrades a service whose broker was there and is away, and is silent where none says how it stands', async () => {
  let state: ReturnType<NonNullable<Broker['state']>> = 'connecting';
  const { guarantees } = embeddedBroker();
  const broker = { name: 'rabbitmq', state: () => state, guarantees } as Broker;
  const statusNow = async () => {
    const health = new Health('order');
    health.add(...checks);
    return (await health.report()).status;
  };
  const checks = brokerChecks(oneBroker(broker));
  const seen: string[] = [];
  for (const next of [
    'connecting',
    'connected',
    'connecting',
    'blocked',
    'connected',
    'closed',
  ] as const) {
    state = next;
    seen.push(await statusNow());
  }
  expect(seen).toEqual(['healthy', 'healthy', 'degraded', 'degraded', 'healthy', 'unhealthy']);
  expect(brokerChecks(oneBroker(embeddedBroker()))).toEqual([]);
});
