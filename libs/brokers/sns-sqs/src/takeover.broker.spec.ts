import { GetQueueUrlCommand, PurgeQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it } from '@jest/globals';
import type { Delivery, Listener } from '@waybill/messaging';
import type { Scene } from '@waybill/messaging/testing';
import { Names } from './names.ts';
import { access, serverAddress } from './testing/server-address.config.ts';
import { withBroker } from './testing/sns-sqs-under-test.ts';

/** The owners of each partition of the group, as reported to the consumers. */
class Owners {
  readonly #now = new Map<number, Set<string>>();
  readonly bodies: string[] = [];
  /** How many owners a partition has had at most at a time. */
  most = 0;

  consumer(name: string): Listener {
    return {
      assigned: async (partitions) => {
        for (const partition of partitions) {
          const owners = this.#now.get(partition) ?? new Set();
          this.#now.set(partition, owners.add(name));
          this.most = Math.max(this.most, owners.size);
        }
      },
      revoked: (partitions) => {
        for (const partition of partitions) this.#now.get(partition)?.delete(name);
      },
      deliver: (delivery: Delivery) => {
        this.bodies.push(delivery.body);
        delivery.ack();
      },
    };
  }

  /** How many partitions a consumer owns. */
  of(name: string): number {
    return [...this.#now.values()].filter((owners) => owners.has(name)).length;
  }
}

const names = Array.from({ length: 60 }, (_, n) => `message-${n}`);
const publish = (scene: Scene, from: number, to: number) =>
  scene.publishUntilConfirmed(...names.slice(from, to).map((name) => scene.message(name)));

/** A takeover by the expiry of a lease would exceed the time limit of a test. */
const leftToItself = { leaseSeconds: 60 };

describe('the consumers of a group', () => {
  it(
    'read one queue at once, and what one leaves the other goes on with: no message lost or doubled',
    withBroker(
      serverAddress,
      async (scene) => {
        const owners = new Owners();
        await scene.group('orders');
        const other = await scene.elsewhere();
        await other.group('orders');
        const leave = await scene.broker.subscribe('orders', owners.consumer('one'));
        await other.broker.subscribe('orders', owners.consumer('two'));
        await scene.until(() => owners.of('one') === 2 && owners.of('two') === 2);
        expect((await scene.broker.stats())[0]?.consumers).toBe(2);
        await publish(scene, 0, 30);
        await scene.until(() => new Set(owners.bodies).size === 30);
        await leave();
        await scene.until(() => owners.of('two') === 4);
        expect((await scene.broker.stats())[0]?.consumers).toBe(1);
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
    'three of them have at least one of four partitions each',
    withBroker(serverAddress, async (scene) => {
      const owners = new Owners();
      await scene.group('orders');
      const consumers = ['one', 'two', 'three'];
      for (const name of consumers) await scene.broker.subscribe('orders', owners.consumer(name));
      await scene.until(
        () =>
          consumers
            .map((name) => owners.of(name))
            .toSorted()
            .join() === '1,1,2',
      );
      await publish(scene, 0, 60);
      await scene.until(() => new Set(owners.bodies).size === 60);
      expect(owners.most).toBe(1);
    }),
    30_000,
  );

  it(
    'follow one that dies when its leases have ended, with the usual settings',
    withBroker(
      serverAddress,
      async (scene, under) => {
        const owners = new Owners();
        await scene.group('orders');
        const doomed = await scene.elsewhere();
        await doomed.group('orders');
        await doomed.broker.subscribe('orders', owners.consumer('doomed'));
        await scene.broker.subscribe('orders', owners.consumer('next'));
        await scene.until(() => owners.of('doomed') === 2 && owners.of('next') === 2);
        await under.crash?.(doomed.broker);
        await publish(scene, 0, 30);
        await scene.until(() => new Set(owners.bodies).size === 30);
        expect(owners.of('next')).toBe(4);
      },
      { waitSeconds: 5, leaseSeconds: 8, visibilitySeconds: 10, holdSeconds: 39_600 },
    ),
    60_000,
  );

  it(
    'know that they own nothing any more when nobody answers, before the next one is told',
    withBroker(serverAddress, async (scene, under) => {
      const owners = new Owners();
      await scene.group('orders');
      const frozen = await scene.elsewhere();
      await frozen.group('orders');
      await frozen.broker.subscribe('orders', owners.consumer('frozen'));
      await scene.broker.subscribe('orders', owners.consumer('next'));
      await scene.until(() => owners.of('frozen') === 2);
      under.lineOf(frozen.broker).set({ silent: 'both' });
      await scene.until(() => owners.of('next') === 4);
      expect(owners.of('frozen')).toBe(0);
      under.lineOf(frozen.broker).set({});
      under.lineOf(frozen.broker).cut();
      await publish(scene, 0, 30);
      await scene.until(() => new Set(owners.bodies).size === 30);
      expect(owners.most).toBe(1);
    }),
    40_000,
  );

  it(
    'find their tokens again when they are gone',
    withBroker(serverAddress, async (scene, under) => {
      const owners = new Owners();
      await scene.group('orders');
      await scene.broker.subscribe('orders', owners.consumer('one'));
      await scene.until(() => owners.of('one') === 4);
      const sqs = new SQSClient({
        ...access,
        endpoint: serverAddress,
        useQueueUrlAsEndpoint: false,
      });
      const QueueName = new Names(under.namespace).owners('orders');
      const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
      await sqs.send(new PurgeQueueCommand({ QueueUrl }));
      await scene.until(() => owners.of('one') === 0);
      await scene.until(() => owners.of('one') === 4);
      await publish(scene, 0, 10);
      await scene.until(() => new Set(owners.bodies).size === 10);
      sqs.destroy();
    }),
    40_000,
  );
});
