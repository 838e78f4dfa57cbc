import { GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import { expect, it } from '@jest/globals';
import { systemClock } from '@waybill/messaging';
import { Connection } from './connection.ts';
import { Names } from './names.ts';
import { sweepOrphans } from './orphans.ts';
import { access, serverAddress } from './testing/server-address.config.ts';
import { withBroker } from './testing/sns-sqs-under-test.ts';

it(
  'temporary queues that a killed process left are deleted when nobody has touched them, and no others',
  withBroker(serverAddress, async (scene, under) => {
    await scene.group('orders');
    const doomed = await scene.elsewhere();
    const seen: string[] = [];
    doomed.broker.observe('#', ({ key }) => seen.push(key));
    await scene.under.quiet();
    await under.crash?.(doomed.broker);
    const options = { ...access, service: 'test', endpoint: serverAddress };
    const connection = new Connection(options, systemClock, 1);
    const names = new Names(under.namespace);
    expect(await sweepOrphans(connection, names, new Date())).toBe(0);
    const later = new Date(Date.now() + 2 * 3_600_000);
    expect(await sweepOrphans(connection, names, later)).toBe(1);
    expect(await sweepOrphans(connection, names, later)).toBe(0);
    const QueueName = names.queue('orders', true);
    const { QueueUrl } = await connection.sqs.send(new GetQueueUrlCommand({ QueueName }));
    expect(QueueUrl).toContain('orders');
    connection.close();
  }),
  30_000,
);
