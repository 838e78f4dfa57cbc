import { type Admin, Kafka as Client, type Consumer, logLevel, type Producer } from 'kafkajs';
import { decodeMessage, encodeMessage, type Message, type Transport } from './transport.ts';

const commitEvery = 500;

interface Waiting {
  readonly topic: string;
  readonly messages: readonly Message[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** One batch in flight with everything that waits, acks of all replicas, offsets committed every half second. */
export class Kafka implements Transport {
  private waiting: Waiting[] = [];
  private sending = false;
  private readonly consumers: Consumer[] = [];
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly topics = new Set<string>();

  private constructor(
    private readonly client: Client,
    private readonly admin: Admin,
    private readonly producer: Producer,
    private readonly namespace: string,
  ) {}

  static async connect(brokers: readonly string[], namespace: string): Promise<Kafka> {
    const client = new Client({ brokers: [...brokers], logLevel: logLevel.NOTHING });
    const admin = client.admin();
    const producer = client.producer({ allowAutoTopicCreation: false });
    await Promise.all([admin.connect(), producer.connect()]);
    return new Kafka(client, admin, producer, namespace);
  }

  send(group: string, messages: readonly Message[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ topic: this.topicOf(group), messages, resolve, reject });
      if (!this.sending) void this.flush();
    });
  }

  async consume(
    group: string,
    take: (message: Message, settle: () => void) => void,
  ): Promise<void> {
    const topic = this.topicOf(group);
    await this.admin.createTopics({
      waitForLeaders: true,
      topics: [{ topic, numPartitions: 1, replicationFactor: 1 }],
    });
    this.topics.add(topic);
    const consumer = this.client.consumer({
      groupId: topic,
      maxWaitTimeInMs: 100,
      minBytes: 1,
    });
    this.consumers.push(consumer);
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    let next = 0;
    let committed = 0;
    this.timers.push(
      setInterval(() => {
        if (next === committed) return;
        committed = next;
        void consumer.commitOffsets([{ topic, partition: 0, offset: String(next) }]);
      }, commitEvery),
    );
    const joined = new Promise<void>((resolve) => {
      consumer.on(consumer.events.GROUP_JOIN, () => resolve());
    });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async ({ batch, resolveOffset }) => {
        await new Promise<void>((done) => {
          let open = batch.messages.length;
          for (const { value } of batch.messages) {
            take(decodeMessage(value as Buffer), () => {
              open -= 1;
              if (open === 0) done();
            });
          }
        });
        resolveOffset(batch.lastOffset());
        next = Number(batch.lastOffset()) + 1;
      },
    });
    await joined;
  }

  async close(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    for (const consumer of this.consumers) await consumer.disconnect();
    await this.admin.deleteTopics({ topics: [...this.topics] });
    await Promise.all([this.producer.disconnect(), this.admin.disconnect()]);
  }

  private async flush(): Promise<void> {
    this.sending = true;
    while (this.waiting.length > 0) {
      const taken = this.waiting;
      this.waiting = [];
      try {
        await this.producer.sendBatch({ acks: -1, topicMessages: byTopic(taken) });
        for (const { resolve } of taken) resolve();
      } catch (error) {
        for (const { reject } of taken) reject(error);
      }
    }
    this.sending = false;
  }

  private topicOf(group: string): string {
    return `${this.namespace}.${group}`;
  }
}

function byTopic(waiting: readonly Waiting[]) {
  const found = new Map<string, Message[]>();
  for (const { topic, messages } of waiting) {
    const known = found.get(topic);
    if (known) known.push(...messages);
    else found.set(topic, [...messages]);
  }
  return [...found].map(([topic, messages]) => ({
    topic,
    messages: messages.map((message) => ({ key: message.order, value: encodeMessage(message) })),
  }));
}
