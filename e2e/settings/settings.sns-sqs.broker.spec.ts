import process from 'node:process';
import {
  GetQueueAttributesCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { type Configured, configured, found } from './configured.ts';

jest.setTimeout(120_000);

const given = {
  SQS_VISIBILITY_SECONDS: '17',
  SQS_WAIT_SECONDS: '3',
  SQS_MAX_RECEIVES: '7',
  SQS_LEASE_SECONDS: '11',
  PREFETCH: '5',
};
const endpoint = process.env['AWS_ENDPOINT_URL'];
const own = new SQSClient(endpoint ? { endpoint } : {});

let service: Configured;
/** What the client asked SQS for. */
const receives: ReceiveMessageCommand['input'][] = [];

beforeAll(async () => {
  const { send } = SQSClient.prototype;
  jest.spyOn(SQSClient.prototype, 'send').mockImplementation(function (
    this: SQSClient,
    ...words: unknown[]
  ) {
    const [command] = words;
    if (command instanceof ReceiveMessageCommand) receives.push(command.input);
    return Reflect.apply(send, this, words);
  } as typeof send);
  service = await configured('sns-sqs', given);
  await service.scene.group('orders', { partitions: 1 });
});
afterAll(async () => {
  await service.close();
  jest.restoreAllMocks();
  own.destroy();
});

/** The attributes of the group's queue. */
async function attributes(): Promise<Readonly<Record<string, string>>> {
  const { QueueUrls = [] } = await own.send(
    new ListQueuesCommand({ QueueNamePrefix: service.namespace }),
  );
  const url = QueueUrls.find((each) => /orders\.fifo$/.test(each));
  const { Attributes = {} } = await own.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }),
  );
  return Attributes;
}

it.each([
  ['SQS_VISIBILITY_SECONDS', async () => (await attributes())['VisibilityTimeout'], '17'],
  [
    'SQS_MAX_RECEIVES',
    async () => JSON.parse((await attributes())['RedrivePolicy'] ?? '{}').maxReceiveCount,
    7,
  ],
])('%s is what the queue has', async (_, read, effective) => {
  expect(await read()).toEqual(effective);
});

it('the others are what a consumer asks for', async () => {
  const { scene, prefetch } = service;
  const holder = await scene.holder('orders', prefetch);
  scene.store(...Array.from({ length: 12 }, (_, n) => scene.message(`key-${n}`)));
  await holder.received(5);
  const ofQueue = await found(() =>
    receives.find(({ QueueUrl = '' }) => /orders\.fifo$/.test(QueueUrl)),
  );
  expect(ofQueue).toMatchObject({ WaitTimeSeconds: 3, VisibilityTimeout: 17 });
  const ofLease = await found(() =>
    receives.find(({ QueueUrl = '' }) => !/orders\.fifo$/.test(QueueUrl)),
  );
  expect(ofLease.VisibilityTimeout).toBe(11);
  expect(holder.deliveries.length).toBe(5);
});
