import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from '@jest/globals';
import { buildApp } from 'fauxqs';
import { withBroker } from './testing/sns-sqs-under-test.ts';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** An emulator of our own; it forgets everything when it stops. */
async function emulator(port: number) {
  const app = buildApp({ logger: false, host: '127.0.0.1' });
  await app.listen({ port, host: '127.0.0.1' });
  return app;
}

it('a server that was restarted and has forgotten everything is set up again', async () => {
  const port = await freePort();
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
        expect(consumer.shards.size).toBe(4);
        expect(troubles.length).toBeGreaterThan(0);
      },
      { onTrouble },
    )();
  } finally {
    await server.close();
  }
}, 40_000);
