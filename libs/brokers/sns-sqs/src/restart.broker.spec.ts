import { CreateTopicCommand, ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import { expect, it } from '@jest/globals';
import { freePort } from '@waybill/embedded-postgres';
import { buildApp } from 'fauxqs';
import { withBroker } from './testing/sns-sqs-under-test.ts';

/** An emulator that the test owns; it loses everything when it stops. */
async function emulator(port: number) {
  const app = buildApp({ logger: false, host: '127.0.0.1' });
  await app.listen({ port, host: '127.0.0.1' });
  return app;
}

it('a server that was restarted and has forgotten everything is set up again', async () => {
  const port = await freePort(0);
  let server = await emulator(port);
  const troubles: string[] = [];
  const onTrouble = (what: string) => troubles.push(what);
  try {
    await withBroker(
      `http://127.0.0.1:${port}`,
      async (scene, under) => {
        await scene.group('orders');
        const consumer = await scene.consumer('orders');
        await scene.publishUntilConfirmed(scene.message('before'));
        await consumer.received(1);
        await server.close();
        expect(await scene.publish(scene.message('lost')).settled(1)).toEqual([
          'broker_unreachable',
        ]);
        await scene.until(() => under.broker.state() === 'connecting');
        server = await emulator(port);
        await scene.publishUntilConfirmed(scene.message('after'));
        await scene.until(() => consumer.bodies().includes('after'));
        await scene.until(() => under.broker.state() === 'connected');
        expect(consumer.partitions.size).toBe(4);
        expect(troubles.length).toBeGreaterThan(0);
      },
      { onTrouble },
    )();
  } finally {
    await server.close();
  }
}, 40_000);

it('what is published after a restart reaches its groups, also where another process has made the topic alone', async () => {
  const port = await freePort(0);
  let server = await emulator(port);
  const endpoint = `http://127.0.0.1:${port}`;
  const sns = new SNSClient({ endpoint });
  try {
    await withBroker(endpoint, async (scene) => {
      await scene.group('orders');
      await scene.publishUntilConfirmed(scene.message('before'));
      const { Topics = [] } = await sns.send(new ListTopicsCommand({}));
      await server.close();
      await scene.publish(scene.message('lost')).settled(1);
      server = await emulator(port);
      for (const { TopicArn = '' } of Topics) {
        const Name = TopicArn.slice(TopicArn.lastIndexOf(':') + 1);
        const Attributes: Record<string, string> = Name.endsWith('.fifo')
          ? { FifoTopic: 'true' }
          : {};
        await sns.send(new CreateTopicCommand({ Name, Attributes }));
      }
      await scene.publishUntilConfirmed(scene.message('after'));
      const consumer = await scene.consumer('orders');
      await consumer.received(1);
      expect(consumer.bodies()).toEqual(['after']);
    })();
  } finally {
    await server.close();
    sns.destroy();
  }
}, 40_000);
