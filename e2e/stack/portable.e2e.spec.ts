import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SpanReceiver } from '@waybill/observability/testing';
import { bodyTests } from '../inside/bodies.tests.ts';
import { forgedTokenTests } from '../inside/forged-tokens.tests.ts';
import { mailTests } from '../inside/mails.tests.ts';
import { openRequestTests } from '../inside/open-requests.tests.ts';
import { personalDataTests } from '../inside/personal-data.tests.ts';
import { tracesTo, traceTests } from '../inside/traces.tests.ts';
import { beyondReach } from '../portable/beyond-reach.ts';
import { coverageTests } from '../portable/coverage.tests.ts';
import { portableTests } from '../portable/portable.tests.ts';
import { useTarget } from '../portable/target.ts';
import { kafkaContents, type RabbitmqCopies, rabbitmqCopies } from '../system/broker-contents.ts';
import { eventually } from '../system/eventually.ts';
import { sqsForeigner } from '../system/foreigners.ts';
import { useProcesses } from '../system/process-system.ts';

describe('the system as processes on the default mix of brokers', () => {
  const receiver = new SpanReceiver();
  const system = useProcesses(async () => ({
    replicas: { order: 2 },
    env: await tracesTo(receiver),
  }));
  const target = useTarget(() => system().url);

  it('carries an order over every broker of the mix', async () => {
    const ada = await target().as('ada');
    const { id } = await ada.buy();
    const seen = await eventually('the announcement has arrived', async () => {
      const { items } = await ada.read('/api/v1/orders/{id}/journey', { path: { id } });
      const brokers = new Set(items.map(({ broker }) => broker));
      return brokers.has('sns-sqs') && brokers;
    });
    expect([...seen].sort()).toEqual(['kafka', 'local', 'rabbitmq', 'sns-sqs']);
  });

  portableTests(target);
  describe('bodies on the wire', () => bodyTests(() => system().namespace, target));
  describe('forged tokens', () => forgedTokenTests(system));
  describe('traces', () =>
    traceTests(system, target, { receiver, broker: 'rabbitmq', hop: 'gateway' }));
  describe('e-mails', () => mailTests(system, target));
  describe('personal data', () => {
    let copies: RabbitmqCopies;
    beforeAll(async () => {
      const channels = ['inventory', 'payment', 'shipping'].map((service) => `${service}.commands`);
      copies = await rabbitmqCopies(system().namespace, channels);
    });
    afterAll(() => copies?.close());
    personalDataTests(
      {
        system,
        announce: async ({ body }) => {
          const queue = `${system().namespace.replaceAll('-', '_')}-notification-email`;
          const foreigner = await sqsForeigner(queue);
          await foreigner.send(() => ({ body }));
          await foreigner.close();
        },
        logs: () => system().told,
        messages: async () => [...(await kafkaContents(system().namespace)), ...copies.messages],
      },
      target,
    );
  });
  describe('all together', () => coverageTests(target, beyondReach));

  openRequestTests(system, {
    doors: () =>
      system()
        .processes()
        .map(({ url }) => url),
    // Each request is forwarded on a connection of its own, and a busy service accepts few of these at once.
    waiting: 50,
  });

  it('leaves every invariant intact', async () => {
    expect(await system().verify()).toEqual([]);
  });
});
