import { GetQueueUrlCommand, PurgeQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it } from '@jest/globals';
import type { Delivery, Listener } from '@waybill/messaging';
import type { Scene } from '@waybill/messaging/testing';
import { Names } from './names.ts';
import { access, serverAddress } from './testing/server-address.config.ts';
import { withBroker } from './testing/sns-sqs-under-test.ts';

/** The owners of the group, as reported to the consumers. */
class Owners {
  readonly now = new Set<string>();
  readonly bodies: string[] = [];
  most = 0;

  consumer(name: string): Listener {
    return {
      assigned: async () => {
        this.now.add(name);
        this.most = Math.max(this.most, this.now.size);
      },
      revoked: () => void this.now.delete(name),
      deliver: (delivery: Delivery) => {
        this.bodies.push(delivery.body);
        delivery.ack();
      },
    };
  }
}

const names = Array.from({ length: 60 }, (_, n) => `message-${n}`);
const publish = (scene: Scene, from: number, to: number) =>
  scene.publishUntilConfirmed(...names.slice(from, to).map((name) => scene.message(name)));

/** A takeover by the expiry of the other lease would exceed the time limit of a test. */
const leftToItself = { leaseSeconds: 60 };

describe('the owner of a group', () => {
  it(
    'is one of two, and when it leaves the other goes on at once: no message lost or doubled',
    withBroker(
      serverAddress,
      async (scene) => {
        const owners = new Owners();
        await scene.group('orders');
        const other = await scene.elsewhere();
        await other.group('orders');
        const leave = await scene.broker.subscribe('orders', owners.consumer('one'));
        await other.broker.subscribe('orders', owners.consumer('two'));
        await publish(scene, 0, 30);
        await leave();
        await scene.until(() => owners.now.has('two'));
        await publish(scene, 30, 60);
        await scene.until(() => new Set(owners.bodies).size === 60);
        await scene.under.quiet();
        expect([owners.most, owners.bodies.toSorted()]).toEqual([1, names.toSorted()]);
      },
      leftToItself,
    ),
    30_000,
  );

  it(
    'that dies is followed when its lease has ended, with the usual settings',
    withBroker(
      serverAddress,
      async (scene, under) => {
        const owners = new Owners();
        await scene.group('orders');
        const doomed = await scene.elsewhere();
        await doomed.group('orders');
        await doomed.broker.subscribe('orders', owners.consumer('doomed'));
        await scene.until(() => owners.now.has('doomed'));
        await scene.broker.subscribe('orders', owners.consumer('next'));
        await under.crash?.(doomed.broker);
        await publish(scene, 0, 30);
        await scene.until(() => new Set(owners.bodies).size === 30);
      },
      { waitSeconds: 5, leaseSeconds: 8, visibilitySeconds: 10, holdSeconds: 39_600 },
    ),
    40_000,
  );

  it(
    'knows that it is not any more when nobody answers it, before the next one is told',
    withBroker(serverAddress, async (scene, under) => {
      const owners = new Owners();
      await scene.group('orders');
      const frozen = await scene.elsewhere();
      await frozen.group('orders');
      await frozen.broker.subscribe('orders', owners.consumer('frozen'));
      await scene.broker.subscribe('orders', owners.consumer('next'));
      await scene.until(() => owners.now.has('frozen'));
      under.lineOf(frozen.broker).set({ silent: 'both' });
      await scene.until(() => owners.now.has('next'));
      expect([...owners.now]).toEqual(['next']);
      under.lineOf(frozen.broker).set({});
      under.lineOf(frozen.broker).cut();
      await publish(scene, 0, 30);
      await scene.until(() => new Set(owners.bodies).size === 30);
      expect(owners.most).toBe(1);
    }),
    40_000,
  );

  it(
    'is found again when its token is gone',
    withBroker(serverAddress, async (scene, under) => {
      const owners = new Owners();
      await scene.group('orders');
      await scene.broker.subscribe('orders', owners.consumer('one'));
      await scene.until(() => owners.now.has('one'));
      const sqs = new SQSClient({
        ...access,
        endpoint: serverAddress,
        useQueueUrlAsEndpoint: false,
      });
      const QueueName = new Names(under.namespace).owner('orders');
      const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
      await sqs.send(new PurgeQueueCommand({ QueueUrl }));
      await scene.until(() => owners.now.size === 0);
      await scene.until(() => owners.now.has('one'));
      await publish(scene, 0, 10);
      await scene.until(() => new Set(owners.bodies).size === 10);
      sqs.destroy();
    }),
    40_000,
  );
});
