import process from 'node:process';
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { connect } from 'amqplib';
import { Kafka, logLevel } from 'kafkajs';

/** A message of a client that knows the server but not this system. */
export interface Foreign {
  readonly body: string | Buffer;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Puts messages directly where one group receives them. */
export interface Foreigner {
  /** Sends one to each of these partitions, default all (a standard SQS queue gets one); resolves with how many were accepted. */
  send(make: () => Foreign, to?: readonly number[]): Promise<number>;
  close(): Promise<void>;
}

const groupPartitions: readonly number[] = [0, 1, 2, 3];

/** Into the topic of a channel of Kafka, with kafkajs. */
export async function kafkaForeigner(topic: string): Promise<Foreigner> {
  const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',');
  const producer = new Kafka({ brokers, logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  return {
    async send(make, to = groupPartitions) {
      const messages = to.map((partition) => {
        const { body, headers = {} } = make();
        return { partition, value: body, headers: { ...headers } };
      });
      await producer.send({ topic, messages });
      return messages.length;
    },
    close: () => producer.disconnect(),
  };
}

/** Into the queues of a group of RabbitMQ, with amqplib; `purge` deletes their messages. */
export async function rabbitmqForeigner(
  group: string,
): Promise<Foreigner & { purge(): Promise<void> }> {
  const connection = await connect(process.env['RABBITMQ_URL'] ?? '');
  const channel = await connection.createConfirmChannel();
  return {
    async send(make, to = groupPartitions) {
      for (const groupPartition of to) {
        const { body, contentType, headers } = make();
        channel.sendToQueue(`${group}.${groupPartition}`, Buffer.from(body), {
          ...(contentType ? { contentType } : {}),
          ...(headers ? { headers } : {}),
        });
      }
      await channel.waitForConfirms();
      return to.length;
    },
    async purge() {
      for (const groupPartition of groupPartitions)
        await channel.purgeQueue(`${group}.${groupPartition}`);
    },
    close: () => connection.close(),
  };
}

/** Into the standard queue of a group of SQS, with the AWS client. */
export async function sqsForeigner(QueueName: string): Promise<Foreigner> {
  const sqs = new SQSClient({ useQueueUrlAsEndpoint: false });
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
  return {
    async send(make) {
      const { body, headers = {} } = make();
      const attributes = Object.entries(headers).map(([name, StringValue]) => [
        name,
        { DataType: 'String', StringValue },
      ]);
      const MessageAttributes = Object.fromEntries(attributes);
      const MessageBody = String(body);
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageAttributes }));
      return 1;
    },
    close: async () => sqs.destroy(),
  };
}
