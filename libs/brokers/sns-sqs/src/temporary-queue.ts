import { SubscribeCommand, UnsubscribeCommand } from '@aws-sdk/client-sns';
import {
  DeleteMessageBatchCommand,
  DeleteQueueCommand,
  type Message,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { type Connection, isMissing } from './connection.ts';
import { isNudge, nudge } from './nudge.ts';
import { touchEvery } from './orphans.ts';
import { type Queue, Queues } from './queues.ts';
import { letInAll } from './topology.ts';

/** Retention in seconds; after this time no reader waits for the messages. */
const kept = 300;
const pause = 500;

/**
 * A queue that is read by one process and ends with it. Messages are deleted before they are processed, so each arrives
 * at most once.
 */
export class TemporaryQueue {
  readonly #queues: Queues;
  readonly #topics = new Map<string, string>();
  readonly #subscriptions = new Map<string, string>();
  #queue: Promise<Queue> | null = null;
  #reading: Promise<void> | null = null;
  #closed = false;

  constructor(
    private readonly connection: Connection,
    private readonly name: string,
    private readonly waitSeconds: number,
    private readonly got: (message: Message) => void,
    /** Called when it can be read again after a failure. */
    private readonly back: () => void = () => undefined,
  ) {
    this.#queues = new Queues(connection);
  }

  /** Creates the queue and starts to read it. */
  async open(): Promise<Queue> {
    const queue = await this.#made();
    if (!this.#closed) this.#reading ??= this.#read();
    return queue;
  }

  /** Subscribes to a topic; messages are received once this resolves. */
  async receive(topic: string, FilterPolicy: string): Promise<void> {
    this.#topics.set(topic, FilterPolicy);
    const queue = await this.#made();
    if (this.#subscriptions.has(topic)) return;
    this.#subscriptions.set(topic, '');
    try {
      this.#subscriptions.set(topic, await this.#subscribe(topic, queue, FilterPolicy));
    } catch (error) {
      this.#subscriptions.delete(topic);
      throw error;
    }
  }

  async #subscribe(TopicArn: string, { arn }: Queue, FilterPolicy: string): Promise<string> {
    const made = await this.connection.sns.send(
      new SubscribeCommand({
        TopicArn,
        Protocol: 'sqs',
        Endpoint: arn,
        Attributes: { RawMessageDelivery: 'true', FilterPolicy },
        ReturnSubscriptionArn: true,
      }),
    );
    return made.SubscriptionArn ?? '';
  }

  /** Stops reading, and deletes the queue with its subscriptions. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const queue = await this.#queue?.catch(() => null);
    if (!queue) return;
    if (this.#reading) await nudge(this.connection, queue).catch(() => undefined);
    await this.#reading;
    await this.#delete(queue).catch((error: unknown) =>
      this.connection.failed(`deleting ${this.name}`, error),
    );
  }

  async #delete({ url }: Queue): Promise<void> {
    const { sns, sqs } = this.connection;
    for (const SubscriptionArn of this.#subscriptions.values()) {
      if (SubscriptionArn) await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    }
    await sqs.send(new DeleteQueueCommand({ QueueUrl: url }));
  }

  #made(): Promise<Queue> {
    this.#queue ??= this.#make();
    this.#queue.catch(() => {
      this.#queue = null;
    });
    return this.#queue;
  }

  async #make(): Promise<Queue> {
    const queue = await this.#queues.make(this.name);
    await this.#queues.configure(queue, {
      MessageRetentionPeriod: String(kept),
      VisibilityTimeout: '10',
      Policy: letInAll(queue.arn),
    });
    return queue;
  }

  async #read(): Promise<void> {
    let away = false;
    let touched = performance.now();
    while (!this.#closed) {
      try {
        await this.#receive(await this.#made());
        if (performance.now() - touched > touchEvery) {
          touched = performance.now();
          await this.#touch();
        }
        if (away) this.back();
        away = false;
      } catch (error) {
        away = true;
        this.connection.failed(`receiving from ${this.name}`, error);
        if (isMissing(error)) await this.#again().catch(() => undefined);
        if (!this.#closed) await new Promise((resolve) => setTimeout(resolve, pause).unref());
      }
    }
  }

  /** Shows `sweepOrphans` that the queue is in use. */
  async #touch(): Promise<void> {
    const { url } = await this.#made();
    const Attributes = { MessageRetentionPeriod: String(kept) };
    await this.connection.sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes }));
  }

  async #receive({ url }: Queue): Promise<void> {
    const { Messages = [] } = await this.connection.polls.send(
      new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: this.waitSeconds,
        MessageAttributeNames: ['All'],
      }),
    );
    if (Messages.length === 0) return;
    const Entries = Messages.map(({ ReceiptHandle = '' }, at) => ({
      Id: String(at),
      ReceiptHandle,
    }));
    await this.connection.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
    for (const message of Messages) if (!isNudge(message)) this.got(message);
  }

  /** The queue is gone: recreates it with all its subscriptions. */
  async #again(): Promise<void> {
    this.#queues.forget();
    this.#queue = null;
    this.#subscriptions.clear();
    await this.#made();
    for (const [topic, policy] of this.#topics) await this.receive(topic, policy);
  }
}
